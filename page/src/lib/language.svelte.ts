/** The reader's language, and how dates and numbers look in it. */
import type { Language, Text } from './api.ts';
import { breathe } from './breathe.ts';
import { readLink } from './link.ts';
import { WORDS } from './words/index.ts';

const STORED = 'landzicht.language';
const LOCALES: Record<Language, string> = { nl: 'nl-NL', en: 'en-GB' };
const DAYS = {
  long: { day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'short' },
  short: { day: 'numeric', month: 'short', year: 'numeric' },
  ofYear: { day: 'numeric', month: 'long' },
  spoken: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
} as const;

class Tongue {
  #language = $state<Language>(first());
  #locale = $derived(LOCALES[this.#language]);
  /** Formats that were made: to make one costs more than to use it a hundred times. */
  readonly #made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    document.documentElement.lang = language;
    try {
      localStorage.setItem(STORED, language);
    } catch {
      // Storage is off: the link still holds the language.
    }
  }

  get words() {
    return WORDS[this.#language];
  }

  /** A text of the server, in the reader's language. */
  say(text: Text): string {
    return text[this.#language];
  }

  /** 26 april 2025. */
  day(date: string): string {
    return this.#date(DAYS.long, date);
  }

  /** 26 apr 2025. */
  shortDay(date: string): string {
    return this.#date(DAYS.short, date).replace('.', '');
  }

  /** 26 april. */
  dayOfYear(date: string): string {
    return this.#date(DAYS.ofYear, date);
  }

  /** Zaterdag 26 april 2025. */
  spokenDay(date: string): string {
    return this.#date(DAYS.spoken, date);
  }

  /** 26 april 2025 14:05, in the reader's own time. */
  moment(instant: string): string {
    const options = { dateStyle: 'long', timeStyle: 'short' } as const;
    return new Intl.DateTimeFormat(this.#locale, options).format(new Date(instant));
  }

  /** Apr. */
  month(date: string): string {
    return this.#date(DAYS.month, date).replace('.', '');
  }

  number(value: number, digits = 0): string {
    return this.#numbers({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  }

  percent(value: number): string {
    return this.#numbers({ style: 'percent' }).format(value / 100);
  }

  /** 10 m, 1.5 km. */
  metres(value: number): string {
    const far = value >= 1000;
    return this.#numbers({
      style: 'unit',
      unit: far ? 'kilometer' : 'meter',
      unitDisplay: 'long',
      maximumSignificantDigits: 3,
    }).format(far ? value / 1000 : value);
  }

  /** Make what the list of days needs, one by one: together they would hold the page up. */
  async prepare(): Promise<void> {
    for (const format of [DAYS.long, DAYS.month, DAYS.spoken]) {
      await breathe();
      this.#date(format, '2025-01-01');
    }
    await breathe();
    this.percent(50);
  }

  #numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return this.#keep(options, (locale) => new Intl.NumberFormat(locale, options));
  }

  #date(options: Intl.DateTimeFormatOptions, date: string): string {
    const make = (locale: string) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    return this.#keep(options, make).format(new Date(date));
  }

  #keep<Format extends Intl.NumberFormat | Intl.DateTimeFormat>(
    options: object,
    make: (locale: string) => Format,
  ): Format {
    const key = this.#locale + JSON.stringify(options);
    const found = (this.#made.get(key) as Format | undefined) ?? make(this.#locale);
    this.#made.set(key, found);
    return found;
  }
}

function first(): Language {
  const linked = readLink(location.hash).language;
  if (linked) return linked;
  try {
    const stored = localStorage.getItem(STORED);
    if (stored === 'nl' || stored === 'en') return stored;
  } catch {
    // Storage is off.
  }
  return navigator.language.toLowerCase().startsWith('nl') ? 'nl' : 'en';
}

export const tongue = new Tongue();
document.documentElement.lang = tongue.language;
