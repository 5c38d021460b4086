/** What can be wrong with a formula: the same sentences as the server's, in Dutch and in English. */
import type { Text } from '../api.ts';

export const WRONG = {
  tooLong: (most: number): Text => ({
    nl: `langer dan ${most} tekens`,
    en: `longer than ${most} characters`,
  }),
  doesNotFit: (found: string): Text => ({
    nl: `“${found}” past hier niet`,
    en: `“${found}” does not fit here`,
  }),
  noBand: (): Text => ({ nl: 'er staat geen band in', en: 'there is no band in it' }),
  unknownSign: (sign: string): Text => ({
    nl: `“${sign}” kennen wij niet`,
    en: `“${sign}” is not known`,
  }),
  second: (sign: string): Text => ({ nl: `tweede “${sign}”`, en: `a second “${sign}”` }),
  notHere: (found: string): Text => ({
    nl: `hier past ${found ? `“${found}”` : 'het einde'} niet`,
    en: `${found ? `“${found}”` : 'the end'} does not fit here`,
  }),
  noFunction: (name: string): Text => ({
    nl: `de functie “${name}” bestaat niet`,
    en: `no function “${name}”`,
  }),
  values: (name: string, count: number, wanted: string): Text => ({
    nl: `“${name}” krijgt ${count} waarden in plaats van ${wanted}`,
    en: `“${name}” gets ${count} values instead of ${wanted}`,
  }),
  notClosed: (opened: number): Text => ({
    nl: `het haakje van positie ${opened} gaat niet dicht`,
    en: `the parenthesis of position ${opened} is not closed`,
  }),
  operations: (most: number): Text => ({
    nl: `meer dan ${most} bewerkingen`,
    en: `more than ${most} operations`,
  }),
  deep: (most: number): Text => ({
    nl: `meer dan ${most} lagen diep`,
    en: `more than ${most} levels deep`,
  }),
};
