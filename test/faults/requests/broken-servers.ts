import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Starts a server on a free port of this machine, for one test. */
export async function listenForTest(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return (server.address() as AddressInfo).port;
}

export async function serveForTest(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listenForTest(createServer(listener))}/jwks.json`;
}

/** An https server whose certificate nobody has signed. */
export async function serveSelfSigned(listener: RequestListener): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'self-signed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', cert];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...subject, ...files], {
    stdio: 'ignore',
  });
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener);
  return `https://127.0.0.1:${await listenForTest(server)}/jwks.json`;
}

/** A listener whose conduct a test changes. */
export function changing(first: RequestListener): { use(next: RequestListener): void; listener: RequestListener } {
  let current = first;
  return {
    use: (next) => {
      current = next;
    },
    listener: (request, response) => current(request, response),
  };
}
