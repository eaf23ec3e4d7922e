package dev.toolpost.worker;

import dev.toolpost.worker.rig.OnKafkaImage;

/** As the class above, repeated writes, on the {@code apache/kafka} image. */
@OnKafkaImage
class RepeatedWriteOnKafkaImageTest extends RepeatedWriteTest {}
