package dev.toolpost.scheduler.rig;

import dev.toolpost.schemas.registry.InMemorySchemaRegistry;
import dev.toolpost.schemas.registry.RegistryException;
import dev.toolpost.schemas.registry.SchemaRegistry;
import org.apache.avro.Schema;

/** A registry that can be away for readers. */
public final class AwayRegistry implements SchemaRegistry {

    private final SchemaRegistry registry = new InMemorySchemaRegistry();
    private boolean away;

    /** Whether schemas cannot be looked up from now on; new ones can be registered all the same. */
    public void away(boolean now) {
        away = now;
    }

    @Override
    public Schema byId(int id) {
        if (away) {
            throw new RegistryException(RegistryException.Kind.UNAVAILABLE, "away");
        }
        return registry.byId(id);
    }

    @Override
    public int register(String subject, Schema schema) {
        return registry.register(subject, schema);
    }

    @Override
    public int idOf(String subject, Schema schema) {
        return registry.idOf(subject, schema);
    }

    @Override
    public Registered latest(String subject) {
        return registry.latest(subject);
    }
}
