import { type Banks, type BanksOptions, startBanks } from '../../lab/bank/banks.ts'
import type { Bank } from '../../lab/world.ts'

const dayMs = 86_400_000

export type Reply = { status: number; headers: Headers; text: string; json: Record<string, unknown> }

async function read(response: Response): Promise<Reply> {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : {},
  }
}

export const get = async (url: string, token?: string): Promise<Reply> =>
  read(
    await fetch(url, {
      redirect: 'manual',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    }),
  )

export const postForm = async (
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  read(await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields), headers }))

export const postJson = async (
  url: string,
  fields: object,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  read(
    await fetch(url, {
      method: 'POST',
      body: JSON.stringify(fields),
      headers: { 'content-type': 'application/json', ...headers },
    }),
  )

/** Presses a button of the one form on a page, as a person would: hidden and filled fields go along. */
export async function press(
  base: string,
  page: Reply,
  choice: string,
  changes: Record<string, string> = {},
): Promise<Reply> {
  const action = page.text.match(/<form method="post" action="([^"]+)"/)?.[1] ?? ''
  const inputs = [...page.text.matchAll(/<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)]
  const fields = Object.fromEntries(
    inputs.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]),
  )
  if (!page.text.includes(`value="${choice}"`)) throw new Error(`no button ${choice} on: ${page.text}`)
  return postForm(new URL(action.replaceAll('&amp;', '&'), base).href, { ...fields, choice, ...changes })
}

export const callback: Record<Bank, string> = {
  monzo: 'http://localhost:5001/monzo/callback',
  truelayer: 'http://localhost:5001/truelayer/callback',
}

const scope = 'info accounts balance cards transactions offline_access'

/** Both banks with a clock of their own, and what a client does with them. */
export async function bankPlace(options: BanksOptions = {}) {
  let ahead = 0
  const now = (): number => Date.now() + ahead
  const banks: Banks = await startBanks({ now, ...options })
  const url = (bank: Bank, path = ''): string => `${banks[bank].url()}${path}`
  const credentials = (bank: Bank): Record<string, string> => ({
    client_id: banks[bank].client.id,
    client_secret: banks[bank].client.secret,
  })
  const tokenUrl = (bank: Bank): string => url(bank, bank === 'monzo' ? '/oauth2/token' : '/connect/token')
  const authorise = (bank: Bank, changes: Record<string, string> = {}): string => {
    const query: Record<string, string> = {
      client_id: banks[bank].client.id,
      redirect_uri: callback[bank],
      response_type: 'code',
      state: 'state-1',
      ...(bank === 'truelayer' && { scope, providers: 'uk-ob-natwest' }),
      ...changes,
    }
    // an empty value stands for a parameter that is not there
    return `${url(bank)}/?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))}`
  }
  /** Goes through the pages to the redirect and answers with its address. */
  const browse = async (
    bank: Bank,
    changes: Record<string, string> = {},
    choice?: string,
    who?: string,
  ): Promise<Reply> => {
    const first = await get(authorise(bank, changes))
    if (bank === 'truelayer') {
      const consent = await press(url(bank), first, 'login', who === undefined ? {} : { customer: who })
      return press(url(bank), consent, choice ?? 'approve')
    }
    const sent = await press(url(bank), first, 'send', who === undefined ? {} : { email: who })
    const magic = sent.text.match(/href="([^"]+)"/)?.[1] ?? ''
    return press(url(bank), await get(url(bank, magic)), choice ?? 'link')
  }
  const exchange = (bank: Bank, code: string, changes: Record<string, string> = {}): Promise<Reply> =>
    postForm(tokenUrl(bank), {
      grant_type: 'authorization_code',
      ...credentials(bank),
      redirect_uri: callback[bank],
      code,
      ...changes,
    })
  return {
    banks,
    url,
    tokenUrl,
    credentials,
    authorise,
    browse,
    exchange,
    pass: (days: number): void => {
      ahead += days * dayMs
    },
    codeOf: (reply: Reply): string =>
      new URL(reply.headers.get('location') ?? '').searchParams.get('code') ?? '',
    refresh: (bank: Bank, refresh_token: string, headers: Record<string, string> = {}): Promise<Reply> =>
      postForm(tokenUrl(bank), { grant_type: 'refresh_token', ...credentials(bank), refresh_token }, headers),
    close: () => banks.close(),
  }
}
export type BankPlace = Awaited<ReturnType<typeof bankPlace>>
