package dev.toolpost.schemas.registry;

import dev.toolpost.schemas.registry.RegistryException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.avro.Schema;

/** A registry in memory, for tests and single processes. Equal schemas have one id over all subjects. Thread-safe. */
public final class InMemorySchemaRegistry implements SchemaRegistry {
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Schema> schemas = new ArrayList<>();
    private final Map<String, List<Integer>> versions = new HashMap<>();
    private boolean away;

    /** Whether ids cannot be looked up from now on, as while a server is out of reach; schemas can be registered all the same. */
    public void away(boolean now) {
        lock.lock();
        try {
            away = now;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Schema byId(int id) {
        lock.lock();
        try {
            if (away) {
                throw new RegistryException(Kind.UNAVAILABLE, "nobody answers");
            }
            if (id < 1 || id > schemas.size()) {
                throw new RegistryException(Kind.NOT_FOUND, "schema id " + id + " is not registered");
            }
            return schemas.get(id - 1);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int register(String subject, Schema schema) {
        lock.lock();
        try {
            int id = schemas.indexOf(schema) + 1;
            if (id == 0) {
                schemas.add(schema);
                id = schemas.size();
            }
            List<Integer> ids = versions.computeIfAbsent(subject, _ -> new ArrayList<>());
            if (!ids.contains(id)) {
                ids.add(id);
            }
            return id;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int idOf(String subject, Schema schema) {
        lock.lock();
        try {
            int id = schemas.indexOf(schema) + 1;
            if (id == 0 || !versions.getOrDefault(subject, List.of()).contains(id)) {
                throw new RegistryException(
                        Kind.NOT_FOUND,
                        "schema " + schema.getFullName() + " is not registered under subject " + subject);
            }
            return id;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Registered latest(String subject) {
        lock.lock();
        try {
            List<Integer> ids = versions.get(subject);
            if (ids == null) {
                throw new RegistryException(Kind.NOT_FOUND, "subject " + subject + " is not registered");
            }
            int id = ids.getLast();
            return new Registered(id, ids.size(), schemas.get(id - 1));
        } finally {
            lock.unlock();
        }
    }
}
