import type { Bank } from '../invariant.ts'
import { type Ended, endedText } from './callback-page-ended.ts'

/** What the browser is told. */
export type Outcome =
  /** exchanged, and the right account */
  | 'done'
  | Ended
  /** it came back, and the terminal is at work */
  | 'waiting'
  /** ignored, and the wait goes on */
  | 'no-code'
  | 'not-ours'
  | 'error-not-ours'
  | 'doubled'

export type Tone = 'good' | 'busy' | 'note' | 'bad'

/** One page in words. A piece between backticks is the name of a file. */
export type PageText = {
  tone: Tone
  title: string
  what: string
  next: string
  /** what else there is to know of that */
  hint?: string
  /** what to type for it */
  command?: string
  /** what the terminal does meanwhile */
  terminal: string
}

const stillWaits = 'still waits for the login. Ctrl-C there stops it'
const onceMore = (bank: Bank): Pick<PageText, 'next' | 'hint'> =>
  bank === 'monzo'
    ? { next: 'log in once more', hint: 'at the address that your terminal shows' }
    : {
        next: 'press Ctrl-C in your terminal, and begin again',
        hint: 'TrueLayer takes the address of a login once',
      }

/** The words of a page. */
export function pageText(bank: Bank, outcome: Outcome): PageText {
  const texts: Record<Outcome, PageText> = {
    waiting: {
      tone: 'busy',
      title: `${bank} sent you back`,
      what: 'your terminal is finishing the login: it stops the poll timer, fetches the tokens and checks whose they are',
      next: 'nothing to do yet',
      hint: 'it takes seconds, or some minutes if a poll is running on ct109',
      terminal: 'is at work. should this page say no more, the terminal tells how it ended',
    },
    done:
      bank === 'monzo'
        ? {
            tone: 'good',
            title: 'monzo login finished',
            what: 'Monzo gave its tokens, and they are for the right account',
            next: 'approve in the Monzo app, then go back to your terminal',
            hint: 'if you dismissed the prompt, it sits in the feed',
            terminal: 'takes the login to ct109 and waits for your approval',
          }
        : {
            tone: 'good',
            title: 'truelayer login finished',
            what: 'TrueLayer gave its tokens, and they are for the right accounts',
            next: 'go back to your terminal',
            hint: 'nothing more is needed in the browser',
            terminal: 'takes the login to ct109 and runs one poll',
          },
    ...endedText(bank),
    'no-code': {
      tone: 'note',
      title: 'no code came back',
      what: 'the bank sent this browser back with empty hands. nothing was exchanged, and nothing has changed',
      ...onceMore(bank),
      terminal: stillWaits,
    },
    'not-ours': {
      tone: 'note',
      title: 'this is another login',
      what: 'it is not the one that your terminal waits for: an older tab, perhaps. it was ignored, and nothing has changed',
      next: 'go on in the tab that your terminal opened',
      hint: 'or open the address that it shows',
      terminal: stillWaits,
    },
    'error-not-ours': {
      tone: 'note',
      title: 'the login did not finish',
      what: 'an error came back, without the mark of the login that your terminal waits for. it was ignored, and nothing has changed',
      ...onceMore(bank),
      terminal: `names the error, and ${stillWaits}`,
    },
    doubled: {
      tone: 'note',
      title: 'this answer cannot be read',
      what: 'a part of the address is in it twice, as no bank sends it. it was ignored, and nothing has changed',
      ...onceMore(bank),
      terminal: stillWaits,
    },
  }
  return texts[outcome]
}
