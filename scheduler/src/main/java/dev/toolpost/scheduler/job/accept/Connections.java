package dev.toolpost.scheduler.job.accept;

import java.util.List;

/** The connections that are known. */
@FunctionalInterface
public interface Connections {

    /** Connections of a tenant at a vendor, in order. */
    List<String> of(String tenant, String vendor);
}
