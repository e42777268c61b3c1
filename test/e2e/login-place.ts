import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { giveOrder, type Order } from '../../lab/bank/control.ts'
import { bankRecord } from '../../lab/bank/record.ts'
import type { Bank } from '../../lib/invariant.ts'
import { Person } from './person.ts'
import { type Ended, newProject, type Project } from './project.ts'

/** The Mac's folder of a bank in a lab. */
const macFolders: Record<Bank, string> = {
  monzo: '.lab/home/Sandpit/hinata-sandpit/data/bulma',
  truelayer: '.lab/home/Sandpit/hinata/data/bulma',
}

/** A lab that is up, its banks, and a person who logs in. */
export class LoginPlace {
  readonly project: Project
  /** the ports that the banks send a browser back to: one each, so that test files can run side by side */
  readonly ports: Record<Bank, number>

  constructor(project: Project, ports: Record<Bank, number>) {
    this.project = project
    this.ports = ports
  }

  async order(what: Order): Promise<unknown> {
    const { control } = bankRecord.parse(
      JSON.parse(readFileSync(join(this.project.dir, '.lab/bank.json'), 'utf8')),
    )
    return giveOrder(control, what)
  }

  /** One of our commands at a terminal. */
  person(command: 'reauth' | 'push' | 'verify', bank: Bank, ...flags: string[]): Person {
    const port = this.ports[bank]
    const way = ['--port', String(port), '--redirect-uri', `http://localhost:${port}/${bank}/callback`]
    const args = [bank, '--stack', 'lab', ...(command === 'reauth' ? ['--no-open', ...way] : []), ...flags]
    return new Person(this.project, command, args)
  }

  /** The same without a terminal. */
  run(command: 'reauth' | 'push' | 'verify', bank: Bank, ...flags: string[]): Promise<Ended> {
    return this.project.script(command, [bank, '--stack', 'lab', ...flags])
  }

  async doctor(bank: Bank): Promise<{ verdict: string; next: string; exitCode: number }> {
    const { out, err } = await this.project.script('doctor', [bank, '--json', '--stack', 'lab'])
    if (!out.startsWith('{')) throw new Error(err)
    return JSON.parse(out).banks[0]
  }

  /** One poll of CT109, to its end. */
  async poll(bank: Bank): Promise<void> {
    const service = `bulma-poll-${bank}.service`
    await this.project.ssh(`pct exec 109 -- systemctl reset-failed ${service}`)
    await this.project.ssh(`pct exec 109 -- systemctl start ${service}`)
  }

  /** The refresh token is dead at the bank, and the poller has said so in its log. */
  async dies(bank: Bank): Promise<void> {
    await this.order({ bank, do: 'killRefresh' })
    await this.order({ bank, do: 'expireAccess' })
    await this.poll(bank)
  }

  mac(bank: Bank, name: string): string {
    return join(this.project.dir, macFolders[bank], name)
  }

  hasMac(bank: Bank, name: string): boolean {
    return existsSync(this.mac(bank, name))
  }

  writeMac(bank: Bank, name: string, text: string): void {
    mkdirSync(dirname(this.mac(bank, name)), { recursive: true })
    writeFileSync(this.mac(bank, name), text, { mode: 0o600 })
  }

  /** A file on Z2 as its root reads it; null when there is none. */
  async onZ2(path: string): Promise<string | null> {
    const { code, out } = await this.project.ssh(`cat .lab/z2${path}`)
    return code === 0 ? out : null
  }

  async refreshOnZ2(bank: Bank): Promise<string> {
    const text = await this.onZ2(`/mnt/data/hinata/data/bulma/tokens_${bank}.json`)
    return (JSON.parse(text ?? '{}') as { refresh_token?: string }).refresh_token ?? ''
  }

  /** True when CT109's chain is the one that the bank takes. */
  async isLive(bank: Bank): Promise<boolean> {
    return (await this.order({ bank, do: 'isLive', refreshToken: await this.refreshOnZ2(bank) })) === true
  }

  async timerIsActive(bank: Bank): Promise<boolean> {
    const { out } = await this.project.ssh(`pct exec 109 -- systemctl is-active bulma-poll-${bank}.timer`)
    return out.trim() === 'active'
  }
}

/** A fresh lab with both banks healthy. @param ports as registered at the simulated banks */
export async function loginPlace(
  ports: Record<Bank, number> = { monzo: 5001, truelayer: 5001 },
): Promise<LoginPlace> {
  const project = await newProject()
  await project.lab('up')
  return new LoginPlace(project, ports)
}
