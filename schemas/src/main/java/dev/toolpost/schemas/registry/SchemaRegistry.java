package dev.toolpost.schemas.registry;

import org.apache.avro.Schema;

/**
 * The part of a schema registry that the serdes need. Implementations are thread-safe and cache, so that a call for what
 * was seen before costs a map lookup. Every method throws {@link RegistryException}.
 */
public interface SchemaRegistry {

    /** The schema with that id. Ids never change their meaning. */
    Schema byId(int id);

    /** Registers the schema under the subject if it is not there yet; its id either way. */
    int register(String subject, Schema schema);

    /** The id of a schema that is registered under the subject already. */
    int idOf(String subject, Schema schema);

    /** The newest version of the subject. */
    Registered latest(String subject);

    /** One version of a subject. */
    record Registered(int id, int version, Schema schema) {}
}
