package dev.toolpost.sandbox;

import java.net.URI;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What a dialect works on. Belongs to the loop's thread.
 *
 * @param nowMillis the vendor's clock
 * @param uri where the vendor is reached
 * @param seed of everything that is made up
 */
record VendorState(
        List<RecordCollection> collections,
        VendorCounts counts,
        LongSupplier nowMillis,
        Supplier<URI> uri,
        PageLog pages,
        Churning churning,
        long seed) {}
