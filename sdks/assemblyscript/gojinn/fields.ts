// Header fields: an object of names and lists of values.

import { Json } from "./json";

/** All values of a field, whatever the case of its name. */
export function valuesOf(fields: Json, name: string): string[] {
  const values: string[] = [], wanted = name.toLowerCase();
  for (let at = 0; at < fields.names.length; at++) {
    if (fields.names[at].toLowerCase() != wanted) continue;
    const items = fields.items[at].items;
    for (let place = 0; place < items.length; place++) {
      const text = items[place].asText();
      if (text != null) values.push(text);
    }
  }
  return values;
}

/** Adds a value to a field. */
export function addTo(fields: Json, name: string, value: string): void {
  const values = fields.get(name);
  if (values != null) values.push(Json.text(value));
  else fields.set(name, Json.array().push(Json.text(value)));
}
