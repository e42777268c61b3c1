import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../lib/config.ts'
import { declare } from '../stacks/declaration.ts'

const root = join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const pages = tracked.filter((file) => /^(README|SECURITY)\.md$/.test(file) || /^docs\/.*\.md$/.test(file))
const citing = tracked.filter((file) => /^(lib|stacks|scripts|tools|lab|docs)\/|^README\.md$/.test(file))
const banks = ['monzo', 'truelayer'] as const
const byHand = 'docs/runbook/by-hand.md'
const names = { monzo: 'Monzo', truelayer: 'TrueLayer' } as const

const withoutBlocks = (text: string): string => text.replace(/^( *)```.*\n[\s\S]*?^ *```$/gm, '')
const withoutCode = (text: string): string => withoutBlocks(text).replace(/`[^`\n]*`/g, '')

/** The commands of a page's fenced blocks, one block each. */
const blocks = (page: string): string[] =>
  [...read(page).matchAll(/^ *```(?:bash|sh)\n([\s\S]*?)^ *```$/gm)].map(([, text = '']) => text)

/** The ids that GitHub gives to the headings of a page. */
function anchors(page: string): string[] {
  const headings = [...withoutBlocks(read(page)).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(
    ([, text = '']) => text,
  )
  const seen = new Map<string, number>()
  return headings.map((heading) => {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  })
}

/** What is wrong with a link from one file to `page#anchor`, both from the root of the project. */
function broken(from: string, page: string, anchor: string | undefined): string[] {
  if (!existsSync(join(root, page))) return [`${from}: there is no ${page}`]
  if (anchor === undefined || !page.endsWith('.md') || anchors(page).includes(anchor)) return []
  return [`${from}: there is no #${anchor} in ${page}`]
}

describe('the runbook', () => {
  it('has a heading for every invariant that cites it', () => {
    const { invariants } = declare(parseConfig({}, 'x'))
    expect(invariants.length).toBeGreaterThan(0)
    const missing = invariants.flatMap(({ id, runbook }) => {
      const [page, anchor] = runbook.split('#')
      return broken(id, `docs/runbook/${page}.md`, anchor ?? 'an anchor')
    })
    expect(missing).toEqual([])
  })

  it('has a page and a heading for every place in the code and the documents that cites it', () => {
    const cited = citing.flatMap((file) =>
      [...read(file).matchAll(/docs\/runbook\/([a-z-]+|\$\{bank\})\.md(?:#([a-z0-9-]+))?/g)].map(
        ([, page = '', anchor]) => ({ file, page, anchor }),
      ),
    )
    expect(cited.length).toBeGreaterThan(0)
    const missing = cited.flatMap(({ file, page, anchor }) =>
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the code writes "the page of that bank"
      (page === '${bank}' ? banks : [page]).flatMap((one) => broken(file, `docs/runbook/${one}.md`, anchor)),
    )
    expect(missing).toEqual([])
  })

  it('has no heading twice, since a second one would get another id', () => {
    const twice = banks.flatMap((bank) => {
      const all = anchors(`docs/runbook/${bank}.md`)
      return all.filter((anchor) => /-\d+$/.test(anchor) && all.includes(anchor.replace(/-\d+$/, '')))
    })
    expect(twice).toEqual([])
  })

  it('fits on the few screens that somebody reads while a bank waits', () => {
    const long = banks.filter((bank) => read(`docs/runbook/${bank}.md`).trimEnd().split('\n').length > 200)
    expect(long).toEqual([])
  })
})

describe('the documented commands', () => {
  const documented = {
    monzo: [
      'python3 ~/Sandpit/hinata-sandpit/scripts/reauth-monzo.py --force',
      'bash ~/Sandpit/hinata-sandpit/scripts/push-monzo-tokens.sh',
      'ssh hinata-z2 "pct exec 109 -- systemctl start bulma-poll-monzo.timer"',
      `ssh hinata-z2 "pct exec 109 -- tail -15 /root/data/bulma/poll-monzo.log" | sed -E 's/[A-Za-z0-9+\\/=_.-]{24,}/[MASKED]/g'`,
      'rm ~/Sandpit/hinata-sandpit/data/bulma/tokens_monzo.json',
    ],
    truelayer: [
      'python3 ~/Sandpit/hinata/scripts/reauth-truelayer.py --force --no-itachi-sync',
      'scp -q ~/Sandpit/hinata/data/bulma/tokens_truelayer.json hinata-z2:/mnt/data/hinata/data/bulma/',
      'ssh hinata-z2 "chmod o+rw /mnt/data/hinata/data/bulma/tokens_truelayer.json"',
      'ssh hinata-z2 "pct exec 109 -- systemctl start bulma-poll-truelayer.timer"',
      `ssh hinata-z2 "pct exec 109 -- tail -15 /root/data/bulma/poll-truelayer.log" | sed -E 's/[A-Za-z0-9+\\/=_.-]{24,}/[MASKED]/g'`,
      'rm ~/Sandpit/hinata/data/bulma/tokens_truelayer.json',
      'python3 ~/Sandpit/hinata/scripts/reauth-truelayer.py --force --no-itachi-sync --port 8766 --redirect-uri http://localhost:8766/truelayer/callback',
    ],
  }

  it('all stand in a block that can be copied', () => {
    const missing = banks.flatMap((bank) => {
      const lines = [byHand, `docs/runbook/${bank}.md`].flatMap(blocks).join('').split('\n')
      const commands = lines.map((line) => line.trim().replace(/ &&$/, ''))
      return documented[bank].filter((command) => !commands.includes(command))
    })
    expect(missing).toEqual([])
  })

  it('come in an order that is safe: stop, log in, push, start, look, delete', () => {
    for (const bank of banks) {
      const text = read(byHand)
      const [login = ''] = text.slice(text.indexOf(`## ${names[bank]}: log in again`)).split('\n## ', 1)
      const steps = [
        'systemctl stop',
        'reauth-',
        `[Push](#${bank}-push)`,
        'systemctl start',
        '[Verify]',
        'good poll delete',
      ]
      const places = steps.map((step) => login.indexOf(step))
      expect(places).not.toContain(-1)
      expect(places).toEqual([...places].sort((a, b) => a - b))
    }
  })

  it('can be parsed by a shell, in every document', () => {
    for (const block of pages.flatMap(blocks)) {
      expect(() => execFileSync('bash', ['-n'], { input: block, stdio: 'pipe' }), block).not.toThrow()
    }
  })

  it('hold no comment, which an interactive zsh would run, and are one command each', () => {
    for (const block of [byHand, ...banks.map((bank) => `docs/runbook/${bank}.md`)].flatMap(blocks)) {
      expect(block).not.toMatch(/^\s*#/m)
      // ssh would read what was pasted after it, unless the shell has taken all of it as one command.
      const ends = block.trimEnd().split('\n').slice(0, -1)
      expect(ends.filter((line) => !/(&&|\||\\)$/.test(line))).toEqual([])
    }
  })
})

describe('the documents', () => {
  it('link only to files and headings that exist', () => {
    const links = pages.flatMap((page) =>
      [...withoutCode(read(page)).matchAll(/\]\(([^()\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .map((target) => ({ page, target })),
    )
    expect(links.length).toBeGreaterThan(0)
    const missing = links.flatMap(({ page, target }) => {
      const [path = '', anchor] = decodeURI(target).split('#')
      return broken(page, path === '' ? page : normalize(join(dirname(page), path)), anchor)
    })
    expect(missing).toEqual([])
  })

  it('name only files of tests that exist', () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/npm run (?:-s |--silent )?([a-z][\w:-]*)/g)].map(([, name = '']) => ({
        page,
        name,
      })),
    )
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(({ name }) => !(name in scripts))).toEqual([])
  })
})
