// Loaded into a process before its own code: no name but the loopback address is looked up, and the key sets of Cognito are read from
// the server at KEY_SETS in its place.
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

const { lookup } = dns;
dns.lookup = (name, ...rest) => {
  if (/^(?:localhost|127\.0\.0\.1|::1)$/.test(name)) return lookup(name, ...rest);
  return rest.at(-1)(Object.assign(new Error(`${name} is not on this machine`), { code: 'ENOTFOUND' }));
};

const { request } = https;
https.request = (address, ...rest) => {
  const { hostname, pathname } = new URL(String(address));
  if (process.env.KEY_SETS === undefined || !/^cognito-idp\.[\w-]+\.amazonaws\.com$/.test(hostname)) {
    return request(address, ...rest);
  }
  const options = typeof rest[0] === 'object' ? [{ ...rest[0], agent: undefined }, ...rest.slice(1)] : rest;
  return http.request(new URL(pathname, process.env.KEY_SETS), ...options);
};
syncBuiltinESMExports();
