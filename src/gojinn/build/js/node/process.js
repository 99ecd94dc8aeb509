// Of `node:process` what a sandbox has. https://nodejs.org/api/process.html

export const { env } = globalThis.process;
export const nextTick = (action, ...values) => queueMicrotask(() => action(...values));
export const cwd = () => "/";
export const uptime = () => performance.now() / 1000;
export const emitWarning = (warning) => console.warn(String(warning));
export const [platform, arch, version, versions] = ["wasi", "wasm32", "", {}];
export const [argv, execArgv] = [[], []];

export function hrtime(since) {
    const now = performance.timeOrigin + performance.now();
    const [seconds, nanoseconds] = [Math.floor(now / 1000), Math.round((now % 1000) * 1e6)];
    if (!since) return [seconds, nanoseconds];
    const passed = (seconds - since[0]) * 1e9 + nanoseconds - since[1];
    return [Math.floor(passed / 1e9), passed % 1e9];
}

hrtime.bigint = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));

export default { argv, arch, cwd, emitWarning, env, execArgv, hrtime, nextTick, platform, uptime, version, versions };
