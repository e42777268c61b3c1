import { type Bank, fileNames } from '../invariant.ts'
import type { PageText } from './callback-page-text.ts'

/** How a login that came back can end, but for the one good way. */
export type Ended =
  /** the person or the bank said no (access_denied) */
  | 'denied'
  /** any other error in the place of the code */
  | 'bank-error'
  | 'wrong-account'
  /** the bank did not take the code */
  | 'refused'
  /** the bank did not take the client id or the secret */
  | 'client-refused'
  /** 429, 5xx or no answer that can be read */
  | 'bank-trouble'
  /** the exchange may have happened and its answer never came */
  | 'lost'
  | 'quarantined'
  /** z2 could not be reached; nothing was exchanged */
  | 'unreachable'
  /** a poll would not end; nothing was exchanged */
  | 'poll-running'
  /** a person pressed Ctrl-C, or the time was over */
  | 'cancelled'
  /** the program in the terminal ended without saying how */
  | 'interrupted'

const bankNames: Record<Bank, string> = { monzo: 'Monzo', truelayer: 'TrueLayer' }

const waitsNoLonger = 'waits no longer'
const untouched = 'nothing was exchanged, and the tokens on ct109 are as they were'

/** The words for each of them. */
export function endedText(bank: Bank): Record<Ended, PageText> {
  const name = bankNames[bank]
  const command = `npm run reauth -- ${bank}`
  return {
    denied: {
      tone: 'note',
      title: 'the login was not allowed',
      what: `${name} answered access denied: it was cancelled, or the bank refused it. ${untouched}`,
      next: 'try again',
      command,
      terminal: waitsNoLonger,
    },
    'bank-error': {
      tone: 'bad',
      title: `${bank} ended the login`,
      what: `${name} sent an error in the place of a code. ${untouched}`,
      next: 'see which error your terminal names, then try again',
      command,
      terminal: waitsNoLonger,
    },
    'wrong-account': {
      tone: 'bad',
      title: 'this is another account',
      what:
        bank === 'monzo'
          ? 'it is not the Monzo user that ct109 polls, and its tokens will not be used. if it ended the login on ct109, nothing brings that one back'
          : 'these are not the accounts that ct109 polls. these tokens will not be used, and those on ct109 are as they were',
      next: 'log in with the right account',
      command,
      terminal: 'asks whether to log this one out at the bank',
    },
    refused: {
      tone: 'bad',
      title: `${bank} did not take the code`,
      what: 'a code works once, and for some minutes only. no tokens were given',
      next: 'log in again',
      command,
      terminal: waitsNoLonger,
    },
    'client-refused': {
      tone: 'bad',
      title: `${bank} did not take the client`,
      what: `the client id or the secret in \`${fileNames[bank].credentials}\` is not what ${name} has. no tokens were given, and nothing on ct109 was changed`,
      next: 'put that file right, then log in again',
      command,
      terminal: waitsNoLonger,
    },
    'bank-trouble': {
      tone: 'bad',
      title: `${bank} has trouble`,
      what: `${name} could not finish the login just now. no tokens arrived, and nothing on ct109 was changed`,
      next: 'wait some minutes, then log in again',
      command,
      terminal: `says what ${name} answered, and ${waitsNoLonger}`,
    },
    lost: {
      tone: 'bad',
      title: 'the login was lost',
      what:
        bank === 'monzo'
          ? 'Monzo may have given tokens, but its answer did not arrive and cannot be asked for again. the tokens on ct109 may have ended with it'
          : 'TrueLayer may have given tokens, but its answer did not arrive and cannot be asked for again. nothing on ct109 was changed',
      next: 'log in again',
      command,
      terminal: waitsNoLonger,
    },
    quarantined: {
      tone: 'bad',
      title: `${bank}'s answer is not complete`,
      what: 'something that a poller needs is missing in it. it is kept on this Mac, apart from the rest, and never goes to ct109',
      next: 'your terminal says what is missing and what to do',
      terminal: waitsNoLonger,
    },
    unreachable: {
      tone: 'note',
      title: 'nothing was exchanged',
      what: 'z2 could not be reached, so the code was not used. the tokens on ct109 are as they were',
      next: 'log in again once z2 answers',
      command,
      terminal: waitsNoLonger,
    },
    'poll-running': {
      tone: 'note',
      title: 'nothing was exchanged',
      what: 'a poll on ct109 would not end, and it may be renewing the tokens just now. the code was not used, and the poll timer runs again',
      next: 'log in again once that poll has ended',
      command,
      terminal: `names the poll, and ${waitsNoLonger}`,
    },
    cancelled: {
      tone: 'note',
      title: 'the login was stopped',
      what: 'it was stopped in the terminal, or its time was over',
      next: 'go on, or begin again',
      command,
      terminal: 'says how things stand',
    },
    interrupted: {
      tone: 'note',
      title: 'your terminal stopped early',
      what: 'the program there ended before the login was done',
      next: 'run it again: it goes on from where things stand',
      command,
      terminal: waitsNoLonger,
    },
  }
}
