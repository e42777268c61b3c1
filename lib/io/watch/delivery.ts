import type { Config } from '../../config.ts'
import type { Message } from '../../watch/message.ts'
import {
  commandEnvironment,
  notifySendArguments,
  ntfyPost,
  osascriptArguments,
  type Way,
  webhookPost,
} from '../../watch/way.ts'
import { expandHome } from '../mac.ts'
import { projectDir } from '../project.ts'
import { readAddress } from './address.ts'
import { sendPost } from './post.ts'
import { notThere, runProgram } from './program.ts'

/** Which ways took a message, and why the others did not. A way that this machine does not have is neither. */
export type Delivery = { how: Way[]; failed: { way: Way; why: string }[] }

/** A program of the desktop says its word at once. */
const desktopMs = 10_000
/** A command of the person's own may have to reach somebody. */
const commandMs = 30_000

/**
 * Tells it by every way that is set up, all at once; none waits for another.
 * @param only just these ways, where the others have told it already
 */
export async function deliver(message: Message, { watch }: Config, only?: string[]): Promise<Delivery> {
  const { desktop, ntfy, webhook, command } = watch.notify
  const now = new Date().toISOString()
  const all: Record<Way, (() => Promise<string | null>) | undefined> = {
    desktop: desktop ? () => showOnDesktop(message) : undefined,
    ntfy: ntfy ? async () => sendPost(ntfyPost(readAddress(ntfy), message)) : undefined,
    webhook: webhook ? async () => sendPost(webhookPost(readAddress(webhook), message, now)) : undefined,
    command: command
      ? () => runProgram(expandHome(command, projectDir), [], commandMs, commandEnvironment(message))
      : undefined,
  }
  const names = (Object.keys(all) as Way[]).filter((way) => all[way] && (!only || only.includes(way)))
  const told = await Promise.all(
    names.map(async (way) => {
      try {
        return { way, why: (await all[way]?.()) ?? '' }
      } catch (error) {
        return { way, why: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
  return {
    how: told.filter(({ why }) => why === '').map(({ way }) => way),
    failed: told.filter(({ why }) => why !== '' && why !== absent),
  }
}

/** A machine without a desktop has nobody in front of it. */
const absent = 'this machine has no notifications'

async function showOnDesktop(message: Message): Promise<string | null> {
  const isMac = process.platform === 'darwin'
  const [program, args] = isMac
    ? ['osascript', osascriptArguments(message)]
    : ['notify-send', notifySendArguments(message)]
  const why = await runProgram(program, args, desktopMs)
  return why === notThere ? absent : why
}
