import * as oauth from 'oauth4webapi'
import { bankWords, errorName } from '../../login/bank-answer.ts'
import { type ExchangeOutcome, outcomeText } from '../../login/outcome-text.ts'
import { redact } from '../../login/secret-values.ts'
import { ask, Ended } from './exchange-ask.ts'
import { exchangePaths } from './exchange-file.ts'
import type { ExchangeOrder } from './exchange-order.ts'
import { settle } from './exchange-settle.ts'

/**
 * Exchanges the code once: place on disk first, connection, mark, POST, raw reply on disk, and only then a
 * look at it, which gives it its name.
 * @throws what is a bug; the disk then tells how far it came
 */
export async function runExchange(order: ExchangeOrder): Promise<ExchangeOutcome> {
  const issuer: oauth.AuthorizationServer = {
    issuer: new URL(order.authorizationEndpoint).origin,
    authorization_endpoint: order.authorizationEndpoint,
    token_endpoint: order.tokenEndpoint,
  }
  const client: oauth.Client = { client_id: order.client.id }
  try {
    const callback = validated(order, issuer, client)
    await oauth.authorizationCodeGrantRequest(
      issuer,
      client,
      oauth.ClientSecretPost(order.client.secret),
      callback,
      order.redirectUri,
      order.verifier ?? oauth.nopkce,
      {
        [oauth.allowInsecureRequests]: new URL(order.tokenEndpoint).protocol === 'http:',
        [oauth.customFetch]: async (url, { headers, body }) => {
          await ask(order, url, headers, String(body))
          // What the library gets is thrown away: the reply is judged from the disk, as after a crash.
          return new Response(null, { status: 204 })
        },
      },
    )
    const outcome = await settle(exchangePaths(order.bank, order.folder))
    return outcome.kind === 'none' ? { kind: 'lost', says: outcomeText.killed } : shown(order, outcome)
  } catch (error) {
    if (error instanceof Ended) return shown(order, error.outcome)
    throw error
  }
}

function validated(order: ExchangeOrder, issuer: oauth.AuthorizationServer, client: oauth.Client) {
  const { bank } = order
  const refuse = (says: string, code: string | null = null) => new Ended({ kind: 'refused', says, code })
  const query = new URLSearchParams(order.parameters)
  let callback: URLSearchParams
  try {
    callback = oauth.validateAuthResponse(issuer, client, query, order.state)
  } catch (error) {
    if (!(error instanceof oauth.AuthorizationResponseError)) throw refuse(outcomeText.notThisLogin)
    const name = errorName(error.error) ?? 'an error'
    throw refuse(outcomeText.denied(bank, name, bankWords(error.error_description)), errorName(error.error))
  }
  if (query.getAll('code').length !== 1 || !query.get('code')) throw refuse(outcomeText.noCode(bank))
  return callback
}

/** What a bank says may quote what it was sent. */
function shown(order: ExchangeOrder, outcome: ExchangeOutcome): ExchangeOutcome {
  if (outcome.kind === 'pending') return outcome
  const { client, state, verifier, parameters } = order
  const code = new URLSearchParams(parameters).get('code')
  const secrets = [client.secret, state, verifier, code].filter((one) => one !== null)
  return { ...outcome, says: redact(outcome.says, secrets) }
}
