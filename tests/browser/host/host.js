// A host of MCP Apps: a real MCP client, ext-apps' own bridge, and a view in two frames of another origin.
// It keeps every message that it and the view exchange, so that a test can read them.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import {
  AppBridge,
  PostMessageTransport,
  RESOURCE_MIME_TYPE,
  getToolUiResourceUri,
  isToolVisibilityModelOnly,
} from "@modelcontextprotocol/ext-apps/app-bridge";

const INFO = { name: "lightbox-test-host", version: "1.0.0" };
const EXTENSION = "io.modelcontextprotocol/ui";
const MODALITIES = { text: {}, image: {}, structuredContent: {} };

// What a host may offer a view; a test leaves out what its host lacks.
const CAPABILITIES = {
  openLinks: {},
  downloadFile: {},
  serverTools: {},
  serverResources: {},
  logging: {},
  message: MODALITIES,
  updateModelContext: MODALITIES,
};

class RecordingTransport extends PostMessageTransport {
  constructor(frame, record) {
    super(frame.contentWindow, frame.contentWindow);
    this.record = record;
  }

  async start() {
    const { onmessage } = this;
    this.onmessage = (message, extra) => {
      this.record("view", message);
      onmessage?.(message, extra);
    };
    await super.start();
  }

  async send(message, options) {
    this.record("host", message);
    await super.send(message, options);
  }
}

class Host {
  messages = []; // {from: "view" | "host", message}
  asked = []; // what the view asked the person or the host for: {kind, params}
  questions = []; // what the server asked the person
  answers = "accept"; // how the person answers the server
  sizes = []; // [width, height], as the view told them
  context = {};

  async open({ mcp, sandbox, tool, input, result, lacking = [], context = {}, era = "auto", apps = true, hold = false }) {
    this.input = input;
    await this.connect(mcp, era, apps);
    this.tool = this.tools.get(tool);
    const capabilities = Object.fromEntries(Object.entries(CAPABILITIES).filter(([name]) => !lacking.includes(name)));
    this.context = { toolInfo: { tool: this.tool }, ...context };
    const { html, permissions } = await this.read(getToolUiResourceUri(this.tool));
    await this.frameFor(sandbox);
    this.bridge = this.bridgeWith(capabilities);
    const initialized = new Promise((resolve) => this.bridge.addEventListener("initialized", resolve));
    await this.bridge.connect(new RecordingTransport(this.frame, (from, message) => this.keep(from, message)));
    await this.bridge.sendSandboxResourceReady({ html, permissions, csp: {} });
    await initialized;
    await this.bridge.sendToolInput({ arguments: input });
    if (!hold) await this.finish(result);
  }

  /** Send the view what the tool answered, or an answer that a test made. */
  async finish(result) {
    this.result = result ?? (await this.client.callTool({ name: this.tool.name, arguments: this.input }));
    await this.bridge.sendToolResult(this.result);
  }

  /** Read a resource as the host itself, past the view. */
  async original(uri) {
    return await this.client.readResource({ uri });
  }

  async cancel(reason) {
    await this.bridge.sendToolCancelled({ reason });
  }

  async change(context) {
    Object.assign(this.context, context);
    await this.bridge.sendHostContextChange(context);
  }

  async close() {
    const answer = await this.bridge.teardownResource({});
    this.frame.remove();
    return answer;
  }

  async connect(mcp, era, apps) {
    const extensions = apps ? { [EXTENSION]: { mimeTypes: [RESOURCE_MIME_TYPE] } } : {};
    const options = { capabilities: { elicitation: { form: {} }, extensions }, versionNegotiation: { mode: era } };
    this.client = new Client(INFO, options);
    this.client.setRequestHandler("elicitation/create", ({ params }) => this.ask(params));
    await this.client.connect(new StreamableHTTPClientTransport(new URL(mcp, location.href)));
    const { tools } = await this.client.listTools();
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  async read(uri) {
    const { contents } = await this.client.readResource({ uri });
    const [{ mimeType, text, _meta }] = contents;
    if (contents.length !== 1 || mimeType !== RESOURCE_MIME_TYPE) throw new Error(`${uri} is ${mimeType}`);
    if (_meta?.ui?.csp && Object.values(_meta.ui.csp).flat().length) throw new Error(`${uri} wants other origins`);
    return { html: text, permissions: _meta?.ui?.permissions };
  }

  frameFor(sandbox) {
    this.frame = document.createElement("iframe");
    this.frame.title = "view";
    this.frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
    this.frame.allow = "clipboard-write";
    const ready = new Promise((resolve) => {
      window.addEventListener("message", ({ source, data }) => {
        if (source === this.frame.contentWindow && data.method?.endsWith("/sandbox-proxy-ready")) resolve();
      });
    });
    this.frame.src = sandbox;
    document.querySelector("main").replaceChildren(this.frame);
    return ready;
  }

  bridgeWith(capabilities) {
    const bridge = new AppBridge(null, INFO, capabilities, { hostContext: this.context });
    const may = (name) => name in capabilities;
    if (may("openLinks")) bridge.onopenlink = (params) => this.wanted("open-link", params);
    if (may("downloadFile")) bridge.ondownloadfile = (params) => this.wanted("download-file", params);
    if (may("message")) bridge.onmessage = (params) => this.wanted("message", params);
    if (may("updateModelContext")) bridge.onupdatemodelcontext = (params) => this.wanted("update-model-context", params);
    if (may("serverTools")) bridge.oncalltool = (params) => this.call(params);
    if (may("serverResources")) bridge.onreadresource = (params) => this.client.readResource(params);
    bridge.onrequestdisplaymode = ({ mode }) => this.display(mode);
    bridge.addEventListener("loggingmessage", (params) => this.wanted("log", params));
    bridge.addEventListener("requestteardown", () => this.close());
    bridge.addEventListener("sizechange", ({ width, height }) => this.resize(width, height));
    return bridge;
  }

  async call(params) {
    const tool = this.tools.get(params.name);
    if (!tool || isToolVisibilityModelOnly(tool)) throw new Error(`${params.name} is no tool for a view`);
    return await this.client.callTool(params);
  }

  wanted(kind, params) {
    this.asked.push({ kind, params });
    return {};
  }

  ask({ message }) {
    this.questions.push(message);
    if (this.answers !== "accept") return { action: this.answers };
    return { action: "accept", content: { agree: true } };
  }

  async display(mode) {
    const granted = this.context.availableDisplayModes?.includes(mode) ? mode : (this.context.displayMode ?? "inline");
    document.body.dataset.mode = granted;
    if (granted !== this.context.displayMode) await this.change({ displayMode: granted });
    return { mode: granted };
  }

  resize(width, height) {
    this.sizes.push([width, height]);
    const most = this.context.containerDimensions?.maxHeight ?? Infinity;
    if (height) this.frame.style.height = `${Math.min(height, most)}px`;
  }

  keep(from, message) {
    this.messages.push({ from, message: structuredClone(message) });
  }
}

window.host = new Host();
