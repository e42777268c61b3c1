import type { WriteStream } from 'node:tty'

// The terminal's second screen, so that what was on the first is there again afterwards, and lines that are not cut by
// wrapping. Control sequences as every terminal since the VT100 and xterm knows them (invisible-island.net/xterm/ctlseqs).
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const endOfLine = '\u001b[K'
const endOfScreen = '\u001b[J'

/** A screen whose text is replaced as a whole. */
export type Screen = {
  show(text: string): void
  /** gives the terminal back, with what was shown last left on it */
  close(): void
}

/** Takes the terminal over until `close`. */
export function openScreen(stream: WriteStream): Screen {
  let shown = ''
  const draw = (): void => {
    const lines = shown.split('\n').slice(0, Math.max(1, stream.rows - 1))
    stream.write(`${home}${lines.map((line) => `${line}${endOfLine}\n`).join('')}${endOfScreen}`)
  }
  stream.write(enter)
  stream.on('resize', draw)
  return {
    show(text) {
      shown = text
      draw()
    },
    close() {
      stream.off('resize', draw)
      stream.write(`${leave}${shown}\n`)
    },
  }
}
