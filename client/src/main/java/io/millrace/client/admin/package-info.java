/** Administration of topics, consumer groups and the bucket. */
@NullMarked
package io.millrace.client.admin;

import org.jspecify.annotations.NullMarked;
