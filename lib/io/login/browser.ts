import type { ChildProcess } from 'node:child_process'

/** Whether a browser was started; if not, why, in words for a terminal. */
export type Opening = { opened: true } | { opened: false; why: string }

type Environment = Record<string, string | undefined>

/** How soon a launcher that finds no browser says so. */
const launchMs = 1_500

/**
 * Why no browser should be tried, null when one can be. Over ssh it would open on a screen that the person does not sit at,
 * and without a display xdg-open falls back to text browsers in the background.
 */
export function whyNoBrowser(platform: NodeJS.Platform, environment: Environment): string | null {
  const has = (name: string): boolean => (environment[name] ?? '') !== ''
  const isRemote = has('SSH_CONNECTION') || has('SSH_TTY') || has('SSH_CLIENT')
  const hasDisplay = has('DISPLAY') || has('WAYLAND_DISPLAY')
  // Whoever sets $BROWSER says what to do: editors that work over ssh set it to open the browser at home.
  if (platform !== 'darwin' && has('BROWSER')) return null
  if (isRemote && !hasDisplay) return 'this is an ssh session'
  if (platform === 'darwin' || hasDisplay) return null
  return 'there is no display'
}

/**
 * Opens an address that we built ourselves in the person's browser, without waiting for it. Never throws: the address is
 * printed in any case.
 * @param wanted false with `--no-open`
 */
export async function openBrowser(address: string, wanted: boolean): Promise<Opening> {
  if (!wanted) return { opened: false, why: 'as asked with --no-open' }
  const why = whyNoBrowser(process.platform, process.env)
  if (why !== null) return { opened: false, why }
  if (!/^https?:\/\//.test(address)) return { opened: false, why: 'this is no web address' }
  try {
    const { default: open } = await import('open')
    return await launched(await open(address))
  } catch {
    // the launcher is not there; its message would hold the address
    return noBrowser
  }
}

const noBrowser: Opening = { opened: false, why: 'no browser was found' }

/** The launcher (open, xdg-open) ends at once, badly when there is no browser, or goes on as the browser itself. */
function launched(launcher: ChildProcess): Promise<Opening> {
  return new Promise((resolve) => {
    const settle = (opening: Opening): void => {
      clearTimeout(limit)
      resolve(opening)
    }
    const ended = (code: number | null): void => settle(code === 0 ? { opened: true } : noBrowser)
    const limit = setTimeout(() => settle({ opened: true }), launchMs)
    launcher.once('exit', ended)
    if (launcher.exitCode !== null) ended(launcher.exitCode)
  })
}
