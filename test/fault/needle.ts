import { prefix } from '../../lab/sim/secret.ts'

// Every made-up secret of the labs begins alike, so that one search finds all of them, those that are made later included.

/** The kinds of values that may be seen nowhere; a simulated client's id is no secret. */
const plain = new RegExp(`${prefix}(?:refresh|access|code|login|client)[\\w-]*`)

const hidden = [
  // base64 of the prefix at each of its three offsets, without the letters that its neighbours change
  ...[0, 1, 2].map((offset) =>
    Buffer.from(`${'x'.repeat(offset)}${prefix}refresh`)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(offset === 0 ? 0 : offset + 1, -2),
  ),
  Buffer.from(prefix).toString('hex'),
  encodeURIComponent(`"${prefix}`),
]

/** Secrets in a text: the beginning of each, enough to know it by and too little to be of use. */
export function leaks(text: string): string[] {
  const found = plain.exec(text)
  return [...(found ? [found[0].slice(0, 34)] : []), ...hidden.filter((one) => text.includes(one))]
}
