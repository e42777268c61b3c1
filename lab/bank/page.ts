import { type Answer, html } from './answer.ts'

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => escapes[one] ?? one)

const style =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.4rem 1rem}'

/** A page that works in a browser, for a robot and in curl: no scripts, plain forms. `body` is HTML. */
export const page = (title: string, body: string, status = 200): Answer =>
  html(
    status,
    `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head>\n` +
      `<body>\n<p>simulated bank</p>\n<h1>${escaped(title)}</h1>\n${body}\n</body>\n</html>\n`,
  )

/** A form with hidden fields and one button for each choice; the name of the button's field is `choice`. */
export const form = (
  action: string,
  hidden: Record<string, string>,
  choices: Record<string, string>,
  inputs = '',
): string =>
  [
    `<form method="post" action="${escaped(action)}">`,
    ...Object.entries(hidden).map(
      ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
    ),
    inputs,
    ...Object.entries(choices).map(
      ([value, label]) =>
        `<button id="${escaped(value)}" name="choice" value="${escaped(value)}">${escaped(label)}</button>`,
    ),
    '</form>',
  ].join('\n')

/** A text field with a label, filled in already. */
export const field = (name: string, label: string, value: string, type = 'text'): string =>
  `<p><label>${escaped(label)} <input name="${escaped(name)}" type="${type}" value="${escaped(value)}" required></label></p>`
