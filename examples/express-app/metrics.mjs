import { once } from 'node:events';
import { createServer } from 'node:http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { instrumentCutover } from 'cognito-cutover/metrics';

/**
 * Records what the verifier decides and serves it to Prometheus, on a port of its own: metrics name your app clients and are
 * nothing for the public. Call it before the verifier loads its keys, so that their age is known.
 *
 * Where OpenTelemetry's SDK is set up already, all of this is `instrumentCutover()`.
 *
 * @param {{ port: number, host?: string }} options
 */
export async function serveMetrics({ port, host = '127.0.0.1' }) {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const recording = instrumentCutover({ meter: provider.getMeter('cognito-cutover') });
  const server = createServer((req, res) => {
    if (req.url === '/metrics') exporter.getMetricsRequestHandler(req, res);
    else res.writeHead(404).end();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    address: `http://${host}:${server.address().port}/metrics`,
    async close() {
      recording.close();
      server.close();
      server.closeAllConnections();
      await provider.shutdown();
    },
  };
}
