import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Bank } from '../../invariant.ts'
import { type CallbackPage, renderBeginning, renderPage, renderRest } from '../../login/callback-page.ts'
import { pageHeaders } from './callback-headers.ts'

/** Browsers give up on a page that sends nothing; some after a minute. */
const breathMs = 15_000

/** The tabs that came back with our state and wait to be told how it ended. */
export type Audience = {
  /** shows the page where there is one already, else the card of the wait until there is one */
  seat(response: ServerResponse): void
  /** tells all who wait, and all who come later; resolves when the system has taken it for those who wait, or they are gone */
  tell(page: CallbackPage): Promise<void>
  isWaiting(socket: Socket): boolean
  /** how many wait */
  size(): number
  end(): void
}

export function gatherAudience(bank: Bank): Audience {
  const waiting = new Set<ServerResponse>()
  let page: CallbackPage | null = null
  const breathe = setInterval(() => {
    for (const response of waiting) response.write('\n')
  }, breathMs)
  breathe.unref()

  return {
    seat(response) {
      response.writeHead(200, pageHeaders)
      if (page) {
        response.end(renderPage(page))
        return
      }
      response.on('close', () => waiting.delete(response))
      waiting.add(response)
      response.write(renderBeginning(bank))
    },
    async tell(told) {
      page = told
      const all = [...waiting]
      waiting.clear()
      const fetched = all.map((response) => {
        const gone = new Promise((resolve) => response.once('close', resolve))
        response.end(renderRest(told))
        return gone
      })
      await Promise.all(fetched)
    },
    isWaiting: (socket) => [...waiting].some((response) => response.socket === socket),
    size: () => waiting.size,
    end: () => clearInterval(breathe),
  }
}
