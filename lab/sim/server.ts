import { readFileSync } from 'node:fs'
import { createServer, type Socket, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { countOne } from './count.ts'
import { answerFirstPacket } from './first-packet.ts'
import { keyFile } from './key.ts'
import type { Place } from './place.ts'
import { serveSession } from './session.ts'
import { isOn } from './switch.ts'

/** OpenSSH's MaxSessions */
const maxSessions = 10

/** The SSH server of one lab. `listen` and `close` follow the switch `port-refused`; `stop` is for good. */
export type Server = {
  listen(port: number): Promise<void>
  close(): Promise<void>
  dropClients(): void
}

/** Answers as root@hinata-z2: one key is let in, commands run in a real shell over the lab's folders. */
export function createLabServer(place: Place, log: (line: string) => void): Server {
  const key = (name: string): Buffer => readFileSync(join(place.keys, name))
  const mine = ssh2.utils.parseKey(readFileSync(join(place.keys, `${keyFile.user}.pub`)))
  if (mine instanceof Error) throw mine

  const answering = (hostKey: string): ssh2.Server =>
    new ssh2.Server({ hostKeys: [key(hostKey)], ident: 'OpenSSH_9.2p1 simulated' }, (client) => {
      let sessions = 0
      // a mere knock at the port is no connection
      client.once('handshake', () => countOne(place, 'connections'))
      client.on('authentication', (attempt) => {
        if (attempt.method !== 'publickey') return attempt.reject(['publickey'])
        const isMine = attempt.key.algo === mine.type && attempt.key.data.equals(mine.getPublicSSH())
        if (!isMine || attempt.username !== 'root') return attempt.reject(['publickey'])
        if (attempt.signature === undefined || attempt.blob === undefined) return attempt.accept()
        return mine.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true
          ? attempt.accept()
          : attempt.reject()
      })
      client.on('session', (accept, reject) => {
        if (sessions >= maxSessions) return reject()
        sessions += 1
        countOne(place, 'sessions')
        const session = accept()
        session.once('close', () => {
          sessions -= 1
        })
        serveSession(place, session, log)
      })
      client.on('error', (error) => log(`connection: ${error.message}`))
    })

  const real = answering(keyFile.host)
  const impostor = answering(keyFile.otherHost)
  const sockets = new Set<Socket>()
  const tcp: TcpServer = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', (error) => log(`socket: ${error.message}`))
    // a host that froze: it takes the connection and never says a word
    if (isOn(place, 'black-hole')) return
    const server = isOn(place, 'host-key') ? impostor : real
    answerFirstPacket(socket)
    server.injectSocket(socket)
  })

  return {
    listen: (port) =>
      new Promise((done, fail) => {
        tcp.once('error', fail)
        tcp.listen(port, '127.0.0.1', () => {
          tcp.removeListener('error', fail)
          done()
        })
      }),
    close: () => new Promise((done) => tcp.close(() => done())),
    dropClients: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}
