// A client of the model "churn", for browsers and Node 18 or later. It needs nothing else.
//
//   import { Client } from "./churn.js";
//   const client = new Client("http://127.0.0.1:8000", { key: "…" });
//   const answer = await client.predict(EXAMPLE);

// <types>
/** @typedef {{"tenure": number}} Input */
/** @typedef {{"prediction": string, "probabilities"?: Object<string, number>, "warnings"?: {field: string, message: string}[]}} Answer */

/** @type {Input} */
export const EXAMPLE = {"tenure": 12};
// </types>

/** The service refused, or could not be reached. `errors` say which field, what was expected and what came; `status` is 0 without an answer. */
export class ServiceError extends Error {
  constructor(message, { status = 0, errors = [] } = {}) {
    super(message);
    this.name = "ServiceError";
    this.status = status;
    this.errors = errors;
  }
}

export class Client {
  /** @param {string} url  @param {{key?: string, timeout?: number}} options `timeout` in milliseconds */
  constructor(url, { key = "", timeout = 30000 } = {}) {
    this.url = url.replace(/\/+$/, "");
    this.key = key;
    this.timeout = timeout;
  }

  // <rows>
  /** @param {Input} input  @returns {Promise<Answer>} */
  async predict(input) {
    return this.ask("/predict", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(input) });
  }

  /** @param {Input[]} inputs  @returns {Promise<Answer[]>} */
  async predictMany(inputs) {
    return this.predict(inputs);
  }
  // </rows>
  // <image>
  /** @param {Blob|ArrayBuffer|Uint8Array} image a File of an <input type="file">, or its bytes  @returns {Promise<Answer>} */
  async predict(image) {
    return this.ask("/predict", { method: "POST", headers: { "content-type": "application/octet-stream" }, body: image });
  }

  /** @param {Blob[]} images  @returns {Promise<Answer[]>} */
  async predictMany(images) {
    if (images.length === 1) return [await this.predict(images[0])];
    const body = new FormData();
    for (const image of images) body.append("image", image, "image");
    return this.ask("/predict", { method: "POST", body });
  }
  // </image>

  /** What goes in and what comes out. */
  async signature() {
    return this.ask("/signature", {});
  }

  async ask(path, options) {
    const headers = { ...options.headers, ...(this.key ? { authorization: `Bearer ${this.key}` } : {}) };
    let answer, content;
    try {
      answer = await fetch(this.url + path, { ...options, headers, signal: AbortSignal.timeout(this.timeout) });
      content = await answer.json();
    } catch (error) {
      const why = error.name === "TimeoutError" ? `no answer within ${this.timeout} ms` : error.message;
      throw new ServiceError(`${this.url} cannot be used: ${why}`, { status: answer ? answer.status : 0 });
    }
    if (!answer.ok) throw new ServiceError(content.detail || content.title, { status: answer.status, errors: content.errors });
    return content;
  }
}
