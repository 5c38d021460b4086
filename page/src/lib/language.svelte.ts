/** The reader's language, and how dates and numbers look in it. */
import type { Language, Text } from './api.ts';
import { readLink } from './link.ts';
import { WORDS } from './words/index.ts';

const STORED = 'landzicht.language';
const LOCALES: Record<Language, string> = { nl: 'nl-NL', en: 'en-GB' };

class Tongue {
  #language = $state<Language>(first());
  #locale = $derived(LOCALES[this.#language]);
  #days = $derived({
    long: this.#format({ day: 'numeric', month: 'long', year: 'numeric' }),
    month: this.#format({ month: 'short' }),
    short: this.#format({ day: 'numeric', month: 'short', year: 'numeric' }),
    ofYear: this.#format({ day: 'numeric', month: 'long' }),
    spoken: this.#format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
  });

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
    return this.#days.long.format(new Date(date));
  }

  /** 26 apr 2025. */
  shortDay(date: string): string {
    return this.#days.short.format(new Date(date)).replace('.', '');
  }

  /** 26 april. */
  dayOfYear(date: string): string {
    return this.#days.ofYear.format(new Date(date));
  }

  /** Zaterdag 26 april 2025. */
  spokenDay(date: string): string {
    return this.#days.spoken.format(new Date(date));
  }

  /** 26 april 2025 14:05, in the reader's own time. */
  moment(instant: string): string {
    const options = { dateStyle: 'long', timeStyle: 'short' } as const;
    return new Intl.DateTimeFormat(this.#locale, options).format(new Date(instant));
  }

  /** Apr. */
  month(date: string): string {
    return this.#days.month.format(new Date(date)).replace('.', '');
  }

  number(value: number, digits = 0): string {
    return new Intl.NumberFormat(this.#locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(value);
  }

  percent(value: number): string {
    return new Intl.NumberFormat(this.#locale, { style: 'percent' }).format(value / 100);
  }

  /** 10 m, 1.5 km. */
  metres(value: number): string {
    const far = value >= 1000;
    return new Intl.NumberFormat(this.#locale, {
      style: 'unit',
      unit: far ? 'kilometer' : 'meter',
      unitDisplay: 'long',
      maximumSignificantDigits: 3,
    }).format(far ? value / 1000 : value);
  }

  #format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.#locale, { ...options, timeZone: 'UTC' });
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
