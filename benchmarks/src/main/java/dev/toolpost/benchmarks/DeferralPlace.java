package dev.toolpost.benchmarks;

import dev.toolpost.message.Deferral;
import dev.toolpost.schemas.MessageCodec;
import dev.toolpost.schemas.registry.HttpSchemaRegistry;
import dev.toolpost.schemas.registry.RegistrySettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/**
 * Where deferrals are published and where they are delivered.
 *
 * @param target stamped by its broker, so that the clock which decides what is due shows what is early
 * @param partitions of the target
 */
record DeferralPlace(String bootstrapServers, String registry, String later, String target, int partitions) {

    MessageCodec<Deferral> codec() {
        return MessageCodec.of(Deferral.class, new HttpSchemaRegistry(RegistrySettings.at(registry)));
    }

    /** Has the target stamped. */
    DeferralPlace stamped(Admin admin) throws InterruptedException, ExecutionException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, target);
        AlterConfigOp stamp =
                new AlterConfigOp(new ConfigEntry("message.timestamp.type", "LogAppendTime"), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(stamp))).all().get();
        return this;
    }
}
