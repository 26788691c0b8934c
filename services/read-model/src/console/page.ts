// The console page: one self-contained document, no data of its own, nothing from elsewhere. It only asks the API.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from '../api/answer.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

const BODY = `
<header><h1>Writ</h1><p id="head">&nbsp;</p></header>
<form id="access" hidden>
  <label for="token">Token</label>
  <input id="token" type="password" autocomplete="off" spellcheck="false" required>
  <button>Open</button>
  <p>It stands in the installation's folder, keys/read-model-api.token.</p>
</form>
<p id="trouble" role="alert" hidden></p>
<main hidden>
  <section><h2>Halts in force</h2><div id="halts"></div></section>
  <section><h2>Open gates</h2><div id="gates"></div></section>
  <section><h2>Agents</h2><div id="agents"></div></section>
  <section><h2>Latest actions</h2><div id="actions"></div></section>
</main>
<noscript><p>This page needs JavaScript; the API at /v1/openapi.json does not.</p></noscript>`;

const html = (nonce: string, needsToken: boolean): string => `<!doctype html>
<html lang="en" data-token="${needsToken ? 'needed' : 'none'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Writ</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>${BODY}
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;

/** Answers with the page; its policy names a nonce that holds for this answer only. */
export const page = (response: ServerResponse, needsToken: boolean): void => {
  const nonce = randomBytes(24).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-security-policy': policy.join('; '),
    'content-type': 'text/html; charset=utf-8',
  });
  response.end(html(nonce, needsToken));
};
