@NullMarked
package io.millrace.server.settings;

import org.jspecify.annotations.NullMarked;
