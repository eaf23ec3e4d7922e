package dev.toolpost.worker.rig;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a class of end-to-end tests on the {@code apache/kafka} image instead of the embedded broker. Where no container
 * engine is, the class is left out and the run says so.
 *
 * <p>The system property {@value KafkaImage#BROKER} names a broker to use instead of a container.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("docker")
@ExtendWith(KafkaImage.class)
public @interface OnKafkaImage {}
