// SPDX-FileCopyrightText: The relayops.exchange contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at a report as people do and prints what it saw as JSON.
// Usage: node look.cjs MODULES CHROMIUM REPORT.html PICTURES CROWDED.html
"use strict";
const {pathToFileURL} = require("node:url");
const path = require("node:path");
const fs = require("node:fs");
const [modules, chromium, report, pictures, crowded] = process.argv.slice(2);
const playwright = require(path.resolve(modules, "playwright-core"));
const axe = fs.readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");
const address = pathToFileURL(report).href, other = pathToFileURL(crowded).href;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const ways = {
  light: {viewport: {width: 1280, height: 900}, colorScheme: "light"},
  dark: {viewport: {width: 1280, height: 900}, colorScheme: "dark"},
  phone: {viewport: {width: 390, height: 844}, colorScheme: "light", deviceScaleFactor: 2, hasTouch: true, isMobile: true},
  print: {viewport: {width: 680, height: 1010}, colorScheme: "dark"},
};

async function open(browser, options, seen, at = address) {
  // axe is put in by the test, past the page's own policy
  const context = await browser.newContext({...options, bypassCSP: true});
  const page = await context.newPage();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && seen.console.push(message.text()));
  page.on("pageerror", (error) => seen.console.push(String(error)));
  page.on("request", (request) => request.url() !== at && seen.requests.push(request.url()));
  await page.goto(at);
  return page;
}

async function judge(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, {resultTypes: ["violations"]}));
  return found.violations.map((each) => ({
    rule: each.id, impact: each.impact, nodes: each.nodes.map((node) => node.html.slice(0, 200)),
  }));
}

const rows = (page, name) => page.$$eval(`table[data-name=${name}] tbody tr:not([hidden])`,
  (found) => found.map((row) => [...row.cells].map((cell) => cell.dataset.value || cell.textContent.trim())));

async function useTables(page) {
  const seen = {all: await rows(page, "access")};
  await page.fill("#access-search", "relay copiers");
  seen.found = await rows(page, "access");
  seen.count = await page.textContent("#access-count");
  await page.fill("#access-search", "no such thing");
  seen.nothing = await rows(page, "access");
  await page.fill("#access-search", "");
  const head = page.locator("table[data-name=access] thead th").nth(4);
  await head.locator("button").click();
  seen.ascending = {sort: await head.getAttribute("aria-sort"), rows: await rows(page, "access")};
  await head.locator("button").press("Enter");
  seen.descending = {sort: await head.getAttribute("aria-sort"), rows: await rows(page, "access")};
  return seen;
}

async function tabThrough(page) {
  const stops = [];
  for (let count = 0; count < 300; count += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const at = document.activeElement, style = getComputedStyle(at);
      return at === document.body ? "" : {
        name: `${at.tagName.toLowerCase()} ${(at.textContent || at.id).trim().slice(0, 40)}`,
        outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      };
    });
    if (!stop) break;
    stops.push(stop);
  }
  return stops;
}

(async () => {
  const browser = await playwright.chromium.launch({executablePath: chromium, args: flags});
  const seen = {console: [], requests: [], axe: {}, width: {}};
  for (const [way, options] of Object.entries(ways)) {
    const page = await open(browser, options, seen);
    if (way === "print") await page.emulateMedia({media: "print"});
    seen.axe[way] = await judge(page);
    seen.width[way] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (way === "print") {
      // on paper nothing can be scrolled
      seen.width.cut = await page.$$eval("table, .flow, pre", (found) => Math.max(...found.map(
        (each) => each.getBoundingClientRect().right - innerWidth)));
    }
    await page.screenshot({path: path.join(pictures, `${way}.png`), fullPage: true});
    if (way === "light") {
      seen.title = await page.title();
      seen.headings = await page.$$eval("h1, h2, h3", (found) => found.map((each) => each.textContent.trim()));
      seen.keyboard = await tabThrough(page);
      seen.tables = await useTables(page);
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      seen.closed = await page.$$eval("details:not([open])", (found) => found.length);
    }
    if (way === "print") {
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const bytes = await page.pdf({path: path.join(pictures, "print.pdf"), format: "A4"});
      seen.paper = {background, bytes: bytes.length};
    }
    await page.context().close();
  }
  const still = await open(browser, {...ways.light, javaScriptEnabled: false}, seen);
  seen.still = {tools: await still.locator(".tools:visible").count(), rows: await still.locator("tbody tr:visible").count()};
  seen.crowded = {axe: [], width: {}};
  for (const way of ["light", "phone", "print"]) {
    const page = await open(browser, ways[way], seen, other);
    if (way === "print") await page.emulateMedia({media: "print"});
    if (way === "phone") seen.crowded.axe = await judge(page);
    seen.crowded.width[way] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    seen.crowded.charts = await page.$$eval("td svg", (found) => found.map((each) => each.parentElement
      .getBoundingClientRect().right - each.getBoundingClientRect().right));
    seen.crowded.text = await page.evaluate(() => document.body.innerText);
    await page.screenshot({path: path.join(pictures, `crowded-${way}.png`)});
    await page.context().close();
  }
  await browser.close();
  process.stdout.write(JSON.stringify(seen));
})().catch((error) => { console.error(error); process.exit(1); });
