import { clientSecrets } from '../sim/secret.ts'
import type { Bank } from '../world.ts'

/** An application as registered at a bank. A redirect URI counts only letter for letter. */
export type Client = { id: string; secret: string; redirectUris: string[] }

/** What the labs' credentials files say, with the redirect URIs of the runbooks: the usual port and the one beside it. */
export const labClients: Record<Bank, Client> = {
  monzo: {
    id: 'oauth2client_simulated_monzo',
    secret: clientSecrets.monzo,
    redirectUris: ['http://localhost:5001/monzo/callback', 'http://localhost:8766/monzo/callback'],
  },
  truelayer: {
    id: 'oauth2client_simulated_truelayer',
    secret: clientSecrets.truelayer,
    redirectUris: ['http://localhost:5001/truelayer/callback', 'http://localhost:8766/truelayer/callback'],
  },
}
