import { describe, expect, it } from 'vitest'
import {
  firstOfLsof,
  isReauth,
  listeningInodes,
  portForbidden,
  portTaken,
  programName,
} from '../../../lib/login/callback-port.ts'
import { renderProblem } from '../../../lib/problem.ts'

// Captured from a Linux 6 kernel; port 5001 is 1389 in hex, 50010 is C35A.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41001 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1389 0100007F:C35A 01 00000000:00000000 00:00000000 00000000  1000        0 41002 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C35A 0100007F:1389 01 00000000:00000000 00:00000000 00000000  1000        0 41003 1 0000000000000000 20 4 30 10 -1
   3: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41004 1 0000000000000000 100 0 0 10 0
`
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1389 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41005 1 0000000000000000 100 0 0 10 0
`

describe('who listens, as the system tells it', () => {
  it('is read from /proc/net: the sockets that listen on just that port', () => {
    expect(listeningInodes(table, 5001)).toEqual(['41001'])
    expect(listeningInodes(table6, 5001)).toEqual(['41005'])
    expect(listeningInodes(table, 22)).toEqual(['41004'])
    expect(listeningInodes(table, 50_010)).toEqual([])
    expect(listeningInodes('', 5001)).toEqual([])
  })

  it.each([
    ['p812\ncpython3\nf3\n', { pid: 812, name: 'python3' }],
    ['p812\ncGoogle Chrome Helper\nf3\np900\ncother\nf4\n', { pid: 812, name: 'Google Chrome Helper' }],
    ['p812\ng1\ncnode\n', { pid: 812, name: 'node' }],
    ['', null],
    ['lsof: no pwd entry for UID 501\n', null],
  ])('is read from %j', (fields, owner) => {
    expect(firstOfLsof(fields)).toEqual(owner)
  })

  it.each([
    ['node\0scripts/reauth.ts\0monzo\0', true],
    ['/usr/bin/node\0--flag\0/home/me/bulma/scripts/reauth.ts\0truelayer\0--force\0', true],
    ['node scripts/reauth.ts monzo\n', true],
    ['node\0scripts/drift.ts\0', false],
    ['python3\0my-scripts/reauth.ts.py\0', false],
    ['vim\0notes-on-scripts/reauth.ts\0', false],
    ['', false],
  ])('%j is a login of ours: %s', (commandLine, ours) => {
    expect(isReauth(commandLine)).toBe(ours)
  })

  it.each([
    ['/usr/bin/python3.11', 'python3.11'],
    ['/opt/node/bin/node (deleted)', 'node'],
    ['MainThread\n', 'MainThread'],
    ['evil\u001b[2J\nname', 'evilname'],
    ['', 'a program without a name'],
  ])('%j is shown as %s', (path, name) => {
    expect(programName(path)).toBe(name)
  })
})

describe('what a person is told', () => {
  const address = { port: 5001, redirectUri: 'http://localhost:5001/truelayer/callback' }
  const command = 'npm run reauth -- truelayer --force'
  const told = (...[owner, free]: [Parameters<typeof portTaken>[1], number | null]): string =>
    renderProblem(portTaken(address, owner, free, command).lines)

  it('another program: its name, its pid and the exact pair of flags', () => {
    expect(told({ pid: 812, name: 'python3', isOurs: false }, 8766)).toMatchInlineSnapshot(`
      "error: port 5001 is in use
      why:   python3, pid 812, listens on it
      next:  npm run reauth -- truelayer --force --port 8766 --redirect-uri http://localhost:8766/truelayer/callback
             if the bank knows that address; else end that program
      left:  nothing was changed, and no browser was opened"
    `)
  })

  it('our own login: no flags at all', () => {
    const text = told({ pid: 4242, name: 'node', isOurs: true }, null)
    expect(text).toMatchInlineSnapshot(`
      "error: port 5001 is in use
      why:   another npm run reauth holds it, pid 4242: a login is under way there
      next:  finish that login, or press Ctrl-C in its terminal
      left:  nothing was changed, and no browser was opened"
    `)
    expect(text).not.toContain('--')
  })

  it('a program of another user, and no free port near', () => {
    expect(told(null, null)).toMatchInlineSnapshot(`
      "error: port 5001 is in use
      why:   a program listens on it that this user may not look at
      next:  end that program, then the same command again
      left:  nothing was changed, and no browser was opened"
    `)
  })

  it('a port that only root may open', () => {
    const problem = portForbidden(
      443,
      'EACCES',
      'http://127.0.0.1:443/monzo/callback',
      'npm run reauth -- monzo',
    )
    expect(problem.exitCode).toBe(64)
    expect(renderProblem(problem.lines)).toMatchInlineSnapshot(`
      "error: port 443 cannot be opened
      why:   the system answers EACCES
      next:  npm run reauth -- monzo --port 8766 --redirect-uri http://127.0.0.1:8766/monzo/callback
             if the bank knows that address
      left:  nothing was changed, and no browser was opened"
    `)
  })
})
