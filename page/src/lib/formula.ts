/**
 * Band maths: the grammar of the server (`landzicht.render.formula`), read into the same tree.
 *
 *     choice     = both { ("|" | "or") both }
 *     both       = opposite { ("&" | "and") opposite }
 *     opposite   = ("!" | "not") opposite | comparison
 *     comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
 *     sum        = product { ("+" | "-") product }
 *     product    = unary { ("*" | "/") unary }
 *     unary      = ("-" | "+") unary | power
 *     power      = atom [ "**" unary ]
 *     atom       = number | "nan" | "pi" | band | function "(" choice { "," choice } ")" | "(" choice ")"
 *
 * Nothing is ever evaluated as code. `tests/page/test_formula.py` holds both readers to the same
 * trees, the same errors at the same positions, and the same values.
 */
import type { Text } from './api.ts';
import { WRONG } from './words/formula.ts';

export const MOST_BYTES = 2048;
const MOST_DEPTH = 32;
const MOST_OPERATIONS = 64;

/** Function → fewest and most arguments. */
export const FUNCTIONS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['abs', [1, 1]],
  ['clip', [3, 3]],
  ['cos', [1, 1]],
  ['exp', [1, 1]],
  ['if', [3, 3]],
  ['log', [1, 1]],
  ['log10', [1, 1]],
  ['max', [2, 8]],
  ['min', [2, 8]],
  ['sin', [1, 1]],
  ['sqrt', [1, 1]],
  ['tanh', [1, 1]],
  ['where', [3, 3]],
]);
const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['pi', Math.PI],
]);
const SPOKEN: ReadonlyMap<string, string> = new Map([
  ['and', '&'],
  ['or', '|'],
  ['not', '!'],
]);
const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='];
/** The white space of Python, which differs a little from that of JavaScript. */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const TOKEN = new RegExp(
  `${SPACE}*(?:(?<number>(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?)` +
    '|(?<name>[A-Za-z_][A-Za-z0-9_]*)' +
    '|"(?<quoted>[^"]{1,100})"' +
    '|(?<sign>\\*\\*|<=|>=|==|!=|[-+*/()<>,&|!]))',
  'duy',
);
const LEADING = new RegExp(`^${SPACE}+`);
const TRAILING = new RegExp(`${SPACE}+$`);

export type Node =
  | { kind: 'number'; value: number }
  | { kind: 'name'; key: string }
  | { kind: 'negative'; operand: Node }
  /** Sign is one of `+ - * / **`. */
  | { kind: 'operation'; sign: string; left: Node; right: Node }
  /** 1 when true, 0 when not; sign may also be `&` or `|`. */
  | { kind: 'comparison'; sign: string; left: Node; right: Node }
  | { kind: 'call'; name: string; values: Node[] };

export interface Formula {
  text: string;
  tree: Node;
  /** Keys of the bands in it, each once, in order of appearance. */
  names: string[];
}

/** A formula that cannot be read, or that asks for too much. */
export class BadFormula extends Error {
  /** Counted from 1, in characters. */
  readonly position: number;
  readonly reason: Text;

  constructor(position: number, reason: Text) {
    super(`${position}: ${reason.en}`);
    this.position = position;
    this.reason = reason;
  }
}

/** Read a formula; throws `BadFormula`. */
export function parseFormula(text: string): Formula {
  if (new TextEncoder().encode(text).length > MOST_BYTES) {
    throw new BadFormula(MOST_BYTES, WRONG.tooLong(MOST_BYTES));
  }
  const reader = new Reader(tokensOf(text));
  const tree = reader.choice();
  const { kind, text: found, position } = reader.next();
  if (kind !== 'end') throw new BadFormula(position, WRONG.doesNotFit(found));
  if (!reader.names.length) throw new BadFormula(1, WRONG.noBand());
  return { text, tree, names: [...new Set(reader.names)] };
}

/** The formula that is just one band, whatever its key looks like. */
export function bandFormula(key: string): Formula {
  return { text: key, tree: { kind: 'name', key }, names: [key] };
}

interface Token {
  kind: 'number' | 'name' | 'quoted' | 'sign' | 'end';
  text: string;
  position: number;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const stop = text.replace(TRAILING, '').length;
  const place = (index: number) => [...text.slice(0, index)].length + 1;
  let at = 0;
  while (at < stop) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) {
      at += LEADING.exec(text.slice(at))?.[0].length ?? 0;
      throw new BadFormula(place(at), WRONG.unknownSign(String.fromCodePoint(text.codePointAt(at)!)));
    }
    const kinds = ['number', 'name', 'quoted', 'sign'] as const;
    const kind = kinds.find((one) => match.groups![one] !== undefined)!;
    const word = match.groups![kind]!;
    const position = place(match.indices!.groups![kind]![0]);
    const sign = kind === 'name' ? SPOKEN.get(word) : undefined;
    tokens.push(sign ? { kind: 'sign', text: sign, position } : { kind, text: word, position });
    at = TOKEN.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', position: place(stop) });
  return tokens;
}

/** Recursive descent; depth and operations are counted on the way. */
class Reader {
  readonly names: string[] = [];
  #tokens: Token[];
  #at = 0;
  #depth = 0;
  #operations = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  next(): Token {
    const token = this.#tokens[this.#at]!;
    this.#at = Math.min(this.#at + 1, this.#tokens.length - 1);
    return token;
  }

  choice(): Node {
    let left = this.#both();
    while (this.#take(['|'])) left = { kind: 'comparison', sign: '|', left, right: this.#both() };
    return left;
  }

  #both(): Node {
    let left = this.#opposite();
    while (this.#take(['&'])) left = { kind: 'comparison', sign: '&', left, right: this.#opposite() };
    return left;
  }

  #opposite(): Node {
    if (!this.#take(['!'])) return this.#comparison();
    this.#deeper();
    const left = this.#opposite();
    this.#depth -= 1;
    return { kind: 'comparison', sign: '==', left, right: { kind: 'number', value: 0 } };
  }

  #comparison(): Node {
    let left = this.#sum();
    const sign = this.#take(COMPARISONS);
    if (!sign) return left;
    left = { kind: 'comparison', sign, left, right: this.#sum() };
    const again = this.#take(COMPARISONS);
    if (again) throw new BadFormula(this.#tokens[this.#at - 1]!.position, WRONG.second(again));
    return left;
  }

  #sum(): Node {
    let left = this.#product();
    for (let sign = this.#take(['+', '-']); sign; sign = this.#take(['+', '-'])) {
      left = { kind: 'operation', sign, left, right: this.#product() };
    }
    return left;
  }

  #product(): Node {
    let left = this.#unary();
    for (let sign = this.#take(['*', '/']); sign; sign = this.#take(['*', '/'])) {
      left = { kind: 'operation', sign, left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Node {
    const sign = this.#take(['-', '+']);
    if (!sign) return this.#power();
    this.#deeper();
    const operand = this.#unary();
    this.#depth -= 1;
    return sign === '-' ? { kind: 'negative', operand } : operand;
  }

  #power(): Node {
    const left = this.#atom();
    if (!this.#take(['**'])) return left;
    this.#deeper();
    const right = this.#unary();
    this.#depth -= 1;
    return { kind: 'operation', sign: '**', left, right };
  }

  #atom(): Node {
    const { kind, text, position } = this.next();
    if (kind === 'number') return { kind: 'number', value: Number(text) };
    const isCall = this.#peek() === '(';
    if (kind === 'name' && CONSTANTS.has(text) && !isCall) {
      return { kind: 'number', value: CONSTANTS.get(text)! };
    }
    if (kind === 'quoted' || (kind === 'name' && !isCall)) {
      this.names.push(text);
      return { kind: 'name', key: text };
    }
    if (kind === 'name') return this.#call(text, position);
    if (text === '(') {
      this.#deeper();
      const inner = this.choice();
      this.#close(position);
      return inner;
    }
    throw new BadFormula(position, WRONG.notHere(text));
  }

  #call(name: string, position: number): Node {
    const limits = FUNCTIONS.get(name);
    if (!limits) throw new BadFormula(position, WRONG.noFunction(name));
    this.#count(position);
    this.#deeper();
    this.next();
    const values = [this.choice()];
    while (this.#peek() === ',') {
      this.next();
      values.push(this.choice());
    }
    this.#close(position);
    const [fewest, most] = limits;
    if (values.length < fewest || values.length > most) {
      const wanted = fewest === most ? `${fewest}` : `${fewest}-${most}`;
      throw new BadFormula(position, WRONG.values(name, values.length, wanted));
    }
    return { kind: 'call', name, values };
  }

  #close(opened: number): void {
    const { text, position } = this.next();
    if (text !== ')') throw new BadFormula(position, WRONG.notClosed(opened));
    this.#depth -= 1;
  }

  #peek(): string {
    return this.#tokens[this.#at]!.text;
  }

  #take(signs: string[]): string | null {
    const { kind, text, position } = this.#tokens[this.#at]!;
    if (kind !== 'sign' || !signs.includes(text)) return null;
    this.#count(position);
    this.#at += 1;
    return text;
  }

  #count(position: number): void {
    this.#operations += 1;
    if (this.#operations > MOST_OPERATIONS) {
      throw new BadFormula(position, WRONG.operations(MOST_OPERATIONS));
    }
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) {
      throw new BadFormula(this.#tokens[this.#at]!.position, WRONG.deep(MOST_DEPTH));
    }
  }
}
