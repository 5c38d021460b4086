/** What the page says, in Dutch (B1) and in English (plain): one file for each part of the page. */
import type { Language } from '../api.ts';
import * as base from './base.ts';
import * as map from './map.ts';
import * as measure from './measure.ts';
import * as share from './share.ts';

const nl = { ...base.nl, ...map.nl, ...measure.nl, ...share.nl };

export type Words = typeof nl;

const en: Words = { ...base.en, ...map.en, ...measure.en, ...share.en };

export const WORDS: Record<Language, Words> = { nl, en };
