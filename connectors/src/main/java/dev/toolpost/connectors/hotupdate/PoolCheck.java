package dev.toolpost.connectors.hotupdate;

import org.jspecify.annotations.Nullable;

/** Says whether vendors of a pool can be served. */
@FunctionalInterface
public interface PoolCheck {

    /** Why a vendor of this pool cannot be served, or null where it can. */
    @Nullable
    String problem(String pool) throws InterruptedException;
}
