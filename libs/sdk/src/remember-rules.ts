import { getMetadataStorage, type MetadataStorage } from 'class-validator';

type Find = MetadataStorage['getTargetValidationMetadatas'];
type Rules = ReturnType<Find>;

/**
 * Makes class-validator find the rules of a class once. It looks through those of all classes of the process for each object that it validates, which takes
 * longer than all the rest of a small payload's validation. Its rules, and what it makes of them, stay the same. For processes of our own: the storage
 * belongs to all code of a process.
 */
export function rememberRules(storage: MetadataStorage = getMetadataStorage()): void {
  let known = new WeakMap<object, Rules>();
  const find: Find = storage.getTargetValidationMetadatas.bind(storage);
  const add = storage.addValidationMetadata.bind(storage);
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
    // Other questions are rare.
    if (schema || always || strictGroups || groups || typeof target !== 'function') return find(target, schema, always, strictGroups, groups);
    let rules = known.get(target);
    if (!rules) known.set(target, (rules = find(target, schema, always, strictGroups, groups)));
    return rules;
  };
  storage.addValidationMetadata = (metadata) => {
    // A class may inherit it.
    known = new WeakMap();
    add(metadata);
  };
}
