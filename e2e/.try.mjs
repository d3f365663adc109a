import { chromium } from 'playwright';
const base = 'http://127.0.0.1:7810';
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-background-networking','--disable-component-update','--disable-sync','--no-first-run'] });
const ctx = await b.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
const p = await ctx.newPage();
p.on('console', m => console.log('console', m.type(), m.text()));
p.on('pageerror', e => console.log('pageerror', e.message));
p.on('response', r => { if (r.status() >= 400) console.log(r.status(), r.url()); });
const code = process.argv[2];
if (code) {
  await p.goto(base + '/setup?code=' + code);
  await p.getByRole('button', { name: 'Begin' }).waitFor({timeout: 60000});
  await p.screenshot({ path: '/tmp/shots/setup1.png' });
  await p.getByRole('button', { name: 'Begin' }).click();
  await p.getByLabel('Your name').fill('Mara Lindqvist');
  await p.getByLabel('Email').fill('mara@example.com');
  await p.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await p.getByLabel('Organization name').fill('Acme Hosting');
  await p.screenshot({ path: '/tmp/shots/setup2.png' });
  await p.getByRole('button', { name: 'Create account' }).click();
} else {
  await p.goto(base + '/login');
  await p.getByLabel('Email').fill('mara@example.com');
  await p.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await p.screenshot({ path: '/tmp/shots/login.png' });
  await p.getByRole('button', { name: 'Sign in' }).click();
}
await p.getByRole('heading', { name: 'Infrastructure' }).waitFor({timeout: 30000});
await p.waitForTimeout(12000);
await p.screenshot({ path: '/tmp/shots/infra.png' });
const steps = { overview: 'Overview', access: 'Access', sharing: 'Sharing', billing: 'Billing' };
for (const [k, n] of Object.entries(steps)) {
  await p.getByRole('navigation', { name: 'Organization pages', exact: true }).getByRole('link', { name: n }).click();
  await p.waitForTimeout(1500);
  await p.screenshot({ path: `/tmp/shots/${k}.png` });
}
await p.getByRole('navigation', { name: 'Organization pages', exact: true }).getByRole('link', { name: 'Infrastructure' }).click();
await p.waitForTimeout(500);
const host = p.locator('table a').first();
if (await host.count()) { await host.click(); await p.waitForTimeout(3000); await p.screenshot({ path: '/tmp/shots/host.png', fullPage: true }); }
await p.keyboard.press('Control+k'); await p.waitForTimeout(800); await p.screenshot({ path: '/tmp/shots/switcher.png' });
await b.close();
