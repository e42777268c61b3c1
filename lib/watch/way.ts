import type { Message } from './message.ts'

// What each way of telling is given. Pure, so that what leaves this machine can be read here and tested by equality.

/** The ways, by the names of the configuration. */
export type Way = 'desktop' | 'ntfy' | 'webhook' | 'command'

/** Titles and texts hold foreign words, so none of them is ever part of a script: AppleScript reads them as arguments. */
const appleScript = [
  'on run argv',
  'display notification (item 3 of argv) with title (item 2 of argv) subtitle (item 1 of argv)',
  'end run',
]

/** macOS: the notification centre (osascript(1)). The first argument begins with a letter, or it would be an option. */
export const osascriptArguments = ({ title, text, host }: Message): string[] => [
  ...appleScript.flatMap((line) => ['-e', line]),
  `bulma · ${host}`,
  title,
  text,
]

/** Elsewhere: notify-send(1). Its body is markup, so what would be read as markup is not. */
export const notifySendArguments = ({ title, text, isUrgent }: Message): string[] => [
  '--app-name=bulma',
  // A critical one stays until somebody has seen it.
  `--urgency=${isUrgent ? 'critical' : 'normal'}`,
  '--',
  title,
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
]

/** A POST of JSON. */
export type Post = { url: string; headers: Record<string, string>; body: string }

/** ntfy as JSON (docs.ntfy.sh/publish, "Publish as JSON"), since a header holds no more than Latin-1. */
export function ntfyPost(address: string, { title, text, isUrgent }: Message): Post {
  const url = new URL(address)
  const [, folder = '/', topic = ''] = /^(.*\/)([^/]+)\/*$/.exec(url.pathname) ?? []
  url.pathname = folder
  const body = { topic: decodeURIComponent(topic), title, message: text, priority: isUrgent ? 4 : 3 }
  return post(url, body)
}

/** Any webhook. `text` is what Slack, Mattermost and their like show, `content` what Discord shows. */
export function webhookPost(address: string, message: Message, at: string): Post {
  const { kind, title, text, next, stack, host, bank } = message
  const whole = `${title}\n${text}`
  return post(new URL(address), {
    kind,
    title,
    details: text,
    next,
    stack,
    host,
    bank: bank ?? null,
    at,
    text: whole,
    content: whole,
  })
}

/** A name and password in the address go where HTTP wants them; fetch refuses them there. */
function post(url: URL, body: object): Post {
  const { username, password } = url
  url.username = ''
  url.password = ''
  const name = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(name).toString('base64')}`
  return {
    url: url.href,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'bulma-infra',
      ...((username || password) && { authorization }),
    },
    body: JSON.stringify(body),
  }
}

/** What a command of the person's own gets in its environment, beside what it inherits. */
export const commandEnvironment = (message: Message): Record<string, string> => ({
  BULMA_KIND: message.kind,
  BULMA_TITLE: message.title,
  BULMA_TEXT: message.text,
  BULMA_NEXT: message.next,
  BULMA_STACK: message.stack,
  BULMA_HOST: message.host,
  BULMA_BANK: message.bank ?? '',
  BULMA_URGENT: message.isUrgent ? 'yes' : 'no',
})
