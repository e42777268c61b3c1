import { randomBytes } from 'node:crypto'
import { calculatePKCECodeChallenge, generateRandomCodeVerifier } from 'oauth4webapi'
import { exitCode } from '../../exit-code.ts'
import { authorizationUrl, shownUrl } from '../../login/authorize.ts'
import { eventText } from '../../login/callback.ts'
import type { CallbackAddress } from '../../login/callback-address.ts'
import type { Outcome } from '../../login/callback-page-text.ts'
import { logIn } from '../../next-step.ts'
import { Problem } from '../../problem.ts'
import { openBrowser } from './browser.ts'
import { type Callback, listenForCallback } from './callback-server.ts'
import { bankName, type Login } from './login.ts'
import { readPastes } from './paste.ts'

/** What the bank sent the browser back with, and what is needed to trust it and to exchange it. */
export type Returned = { parameters: string; state: string; verifier: string | null }

/** The bank's pages and ours, from the moment that our port is bound. */
export type Browsing = {
  returned(): Promise<Returned>
  answer(outcome: Outcome): Promise<void>
  close: Callback['close']
}

const stateBytes = 32

/**
 * Binds the port that the bank sends the browser back to. Nothing is opened yet.
 * @throws Problem (1) that names who has the port
 */
export async function startBrowsing(login: Login, address: CallbackAddress): Promise<Browsing> {
  const { bank, config, terminal } = login
  const state = randomBytes(stateBytes).toString('base64url')
  const verifier = bank === 'truelayer' && config.truelayer.pkce ? generateRandomCodeVerifier() : null
  const callback = await listenForCallback({
    ...address,
    bank,
    state,
    told: (event) => terminal.say(`  ! ${eventText(event)}`),
    command: logIn(bank, login.flags.stack),
  })
  return {
    returned: () => returned(login, address, callback, state, verifier),
    answer: (outcome) => callback.answer({ bank, outcome }),
    close: callback.close,
  }
}

async function returned(
  login: Login,
  { redirectUri }: CallbackAddress,
  callback: Callback,
  state: string,
  verifier: string | null,
): Promise<Returned> {
  const { bank, config, terminal, endpoints, flags } = login
  const url = authorizationUrl({
    bank,
    endpoint: endpoints.authorizationEndpoint,
    clientId: login.credentials().id,
    redirectUri,
    state,
    ...(bank === 'truelayer' && { scopes: config.truelayer.scopes, providers: config.truelayer.providers }),
    ...(verifier !== null && { challenge: await calculatePKCECodeChallenge(verifier) }),
  })
  const opening = await openBrowser(url, flags.open)
  const mail = bank === 'monzo' ? ". open Monzo's e-mail on this Mac, not on the phone" : ''
  terminal.say()
  terminal.say(opening.opened ? `  your browser is open${mail}` : `  no browser was opened: ${opening.why}`)
  terminal.say(opening.opened ? '  if none came up:' : `  open this address in a browser on this Mac${mail}`)
  terminal.say(`  ${shownUrl(url)}`)
  terminal.say()
  const pasted = readPastes((line) => {
    const answer = callback.paste(line)
    if (answer !== 'taken') terminal.say(`  ! that is ${answer}; still waiting, Ctrl-C stops`)
  }, login.interruption.raise)
  if (pasted.isReading)
    terminal.say('  if the browser ends on a page that does not load, paste its address here and press enter')
  const limitMs = config.login.loginSeconds * 1000
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noCallback(login)), limitMs)
  })
  try {
    const { parameters } = await terminal.wait(
      'waiting for the login, Ctrl-C stops',
      limitMs,
      Promise.race([callback.arrived, tooLate]),
    )
    // From here on Ctrl-C is the terminal's own again, so this comes before anybody is told.
    pasted.end()
    terminal.tick('login came back')
    return { parameters, state, verifier }
  } finally {
    clearTimeout(timer)
    pasted.end()
  }
}

const noCallback = ({ bank, config, flags }: Login): Problem =>
  new Problem(
    {
      what: `no ${bankName[bank]} login came back`,
      why: `the browser was not sent back within ${Math.round(config.login.loginSeconds / 60)} min`,
      next: logIn(bank, flags.stack),
      left: 'nothing was exchanged and nothing was changed; the chain on ct109 is untouched',
    },
    exitCode.personNeeded,
  )
