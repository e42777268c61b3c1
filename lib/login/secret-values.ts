// The second mechanism beside the mask of lib/mask.ts: secrets that are known by value, in whatever dress they come.

/** A value shorter than this is nobody's secret, and taking it away would shred words that are needed. */
const leastLength = 6
const instead = '[MASKED]'

/**
 * Takes known secrets out of a text: as they are, URL-encoded, as a form or JSON writes them, and in base64, also inside
 * a longer base64 text such as that of `Authorization: Basic`.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= leastLength).flatMap(dressesOf)
  // The longest first: one value may be a part of another.
  return [...new Set(known)]
    .sort((one, other) => other.length - one.length)
    .reduce((left, value) => left.replaceAll(value, instead), text)
}

function dressesOf(secret: string): string[] {
  const url = encodeURIComponent(secret)
  return [
    secret,
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    ...[0, 1, 2].flatMap((offset) => base64At(secret, offset)),
  ]
}

/** The characters that a secret makes for certain in base64 and base64url when it begins `offset` bytes after a full group. */
function base64At(secret: string, offset: number): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const all = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  // A character of six bits that is shared with a neighbour's byte is not the secret's alone.
  const from = Math.ceil((offset * 8) / 6)
  const to = Math.floor(((offset + bytes.length) * 8) / 6)
  const sure = all.slice(from, to)
  return sure.length < leastLength ? [] : [sure, sure.replaceAll('+', '-').replaceAll('/', '_')]
}
