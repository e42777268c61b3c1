import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectDir } from '../../lib/io/project.ts'
import { anyPort } from '../any-port.ts'

/** Where .ci/run puts it: PyPI has it, Debian does not. */
const installed = join(projectDir, '.toolchain/moto/bin/moto_server')

/** Whether tests with an S3-compatible server run: always in CI, where a missing one is a failure. */
export const hasS3 = existsSync(installed) || process.env.CI !== undefined

/** The variables of an account that it takes, and the same for whoever asks it. */
export const account = {
  AWS_ACCESS_KEY_ID: 'canary-key-9c21',
  AWS_SECRET_ACCESS_KEY: 'canary-of-s3-77aa01',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
}

/** An S3-compatible server of its own, on loopback, with nothing in it. */
export class S3Server {
  readonly origin: string
  readonly #child: ReturnType<typeof spawn>

  private constructor(origin: string, child: ReturnType<typeof spawn>) {
    this.origin = origin
    this.#child = child
  }

  static async start(): Promise<S3Server> {
    if (!existsSync(installed)) throw new Error(`no moto_server at ${installed}: .ci/run says how to get it`)
    const port = await anyPort()
    const child = spawn(installed, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    const server = new S3Server(`http://127.0.0.1:${port}`, child)
    for (const endMs = Date.now() + 60_000; ; await sleep(200)) {
      try {
        await fetch(server.origin)
        return server
      } catch (error) {
        if (Date.now() > endMs || child.exitCode !== null) throw error
      }
    }
  }

  /** A new bucket, as an address of Pulumi's. */
  async bucket(name: string): Promise<string> {
    const made = await fetch(`${this.origin}/${name}`, { method: 'PUT' })
    if (!made.ok) throw new Error(`bucket ${name}: HTTP ${made.status}`)
    const place = new URLSearchParams({ region: 'us-east-1', endpoint: this.origin, use_path_style: 'true' })
    return `s3://${name}?${place}`
  }

  /** The keys of what lies in a bucket. */
  async keys(name: string): Promise<string[]> {
    const list = await (await fetch(`${this.origin}/${name}?list-type=2`)).text()
    return [...list.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
  }

  async remove(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    if (this.#child.exitCode === null && this.#child.kill()) await gone
  }
}
