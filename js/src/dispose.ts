/** `using` in engines that have it: the symbol is newer than the oldest ones that the package runs in. @internal */
export function withDispose(type: { readonly prototype: { dispose(): void } }): void {
  if (Symbol.dispose === undefined) return;
  Object.defineProperty(type.prototype, Symbol.dispose, { value: type.prototype.dispose, configurable: true, writable: true });
}
