// The runbooks' own mask, for foreign text only: log tails, ssh's stderr, bank replies, exceptions. Our names and paths
// do not go through it, since it would swallow `bulma-poll-truelayer.timer`.
const secretLike = /[A-Za-z0-9+/=_.-]{24,}/g

// Built from text: a regular expression literal with control characters in it is what linters warn of, rightly.
const escapeSequence = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[ -/]*[@-~]`, 'g')

/** Removes escape sequences, control characters but line ends, and marks that turn the direction of writing. */
export const withoutControls = (text: string): string =>
  text.replace(escapeSequence, '').replace(/[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')

/** Foreign text on one line: it neither steers a terminal nor begins a line that looks like one of ours. */
export const inLine = (text: string): string => withoutControls(text).replaceAll('\n', ' ')

/** Foreign text, safe to show: masked as the runbooks mask, without control characters. */
export const masked = (text: string): string => withoutControls(text).replace(secretLike, '[MASKED]')

/** The last line of foreign text that says something, safe to show; empty when there is none. */
export const lastLine = (text: string): string =>
  masked(text)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .at(-1) ?? ''
