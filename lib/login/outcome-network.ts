const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ENETUNREACH: 'no network',
  ENETDOWN: 'no network',
  EHOSTUNREACH: 'no way to it',
  ETIMEDOUT: 'no answer',
  UND_ERR_CONNECT_TIMEOUT: 'no answer',
}

/**
 * Why there is no connection or no answer, in words, from the code of the error. Its message is never shown: it may quote
 * what was sent.
 */
export function networkReason(code: unknown): string {
  const name = typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : ''
  if (reasons[name]) return reasons[name]
  if (/^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO)/.test(name))
    return `its certificate or TLS is not accepted (${name})`
  if (name.startsWith('HPE_')) return 'its answer is not HTTP'
  return name || 'the connection failed'
}

export const noAnswerWithin = (ms: number): string => `no answer within ${Math.round(ms / 1000)} s`
