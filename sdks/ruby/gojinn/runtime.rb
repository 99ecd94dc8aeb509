# frozen_string_literal: true

# What the image of the interpreter calls: loading a function's files once, serving each request. The image
# evaluates this with the bundle in $gojinn: {"main", "files": {name: text}}.
module Gojinn
  module Runtime
    # The image's own natives, see ruby.wat: a letter and what belongs to it.
    NATIVE = JS
    FAILED = '{"status":500,"headers":{"content-type":["application/problem+json"]},' \
             '"body":"{\"title\":\"the function failed\",\"status\":500}"}'
    REHEARSAL = '{"method":"POST","uri":"/a%20b?a=b%20c","headers":{"Accept":["text/html"]},"body":"{\"a\":[1,1.5,null]}"}'
    ERROR = 3
    LOADING = 5.0 # seconds that it may take
    @loading = true

    module_function

    def loading? = @loading

    def call(operation, request)
      NATIVE.eval("c#{operation.bytesize.chr}#{operation}#{request}").to_s
    end

    def log(level, text) = NATIVE.eval("l#{level}#{text}")

    # Loads the function. Ends the build with the reason where that fails.
    def load(bundle)
      Files.add(bundle["files"])
      require "gojinn"
      $stdout = $stderr = Output.new
      Object.send(:remove_const, :STDOUT)
      Object.send(:remove_const, :STDERR)
      Object.const_set(:STDOUT, $stdout)
      Object.const_set(:STDERR, $stderr)
      watched { Files.run(bundle["main"]) }
      check
      $stdout.flush
      3.times { rehearse }
      Process.warmup
      @loading = false
    rescue Exception => error
      fail(error)
    end

    def fail(error)
      $stdout.flush
      text = Failure.told(error)
      text += "\n  from #{@place}:#{@line}" if @place && !error.backtrace # as with NoMemoryError
      log(ERROR, text)
      NATIVE.eval("x1")
    end

    def check
      unless Object.private_method_defined?(:handle) || Object.method_defined?(:handle)
        raise NameError, "there is no method 'handle', expected 'def handle(request)' in the main file"
      end

      @handler = TOPLEVEL_BINDING.receiver.method(:handle)
      arity = @handler.arity
      return if arity == 1 || arity.negative? && arity >= -2

      file, line = @handler.source_location
      raise ArgumentError, "#{file}:#{line}: 'handle' takes #{arity.abs} arguments, expected one, the request"
    end

    # Does what each request does, without the function: Ruby then knows which methods are called where.
    def rehearse
      request = Request.new(JSON.parse(REHEARSAL))
      request.headers["accept"] && request.query["a"] && request.path && request.post?
      Response.json(request.json).envelope
      Response.text(request.body, status: 201, headers: { "X-A" => "1" }).envelope
      ENV.delete("GOJINN") if ENV.store("GOJINN", "1")
      Random.srand
    end

    # Runs a block; one that takes too long gets an exception where it is then.
    def watched
      over = Process.clock_gettime(Process::CLOCK_MONOTONIC) + LOADING
      count = 0
      watch = TracePoint.new(:line, :b_call) do |point|
        @place = point.path
        @line = point.lineno
        count += 1
        if count & 255 == 0 && Process.clock_gettime(Process::CLOCK_MONOTONIC) > over
          raise TooLong, "loading takes more than #{LOADING.to_i} s: is there an endless loop?"
        end
      end
      watch.enable { yield }
    end

    # Answers one request.
    def serve
      Random.srand
      environ = NATIVE.eval("e").to_s
      environ.split("\0").each { |entry| ENV.store(*entry.split("=", 2)) } unless environ.empty?
      NATIVE.eval("w#{answer(NATIVE.eval("r").to_s)}")
    end

    def answer(text)
      response = @handler.call(Request.new(JSON.parse(text)))
      unless response.is_a?(Response)
        file, line = @handler.source_location
        given = response.nil? ? "nil" : "#{response.inspect[0, 40]} (#{response.class})"
        meant = { String => "text(text)", Hash => "json(hash)", Array => "json(value, status: 201)" }[response.class]
        meant = meant ? ": write Response.#{meant}" : ", which is the value of its last line or of 'return'"
        raise TypeError, "#{file}:#{line}: 'handle' returned #{given}, expected a Response#{meant}"
      end
      response.envelope
    rescue Exception => error
      log(ERROR, Failure.told(error))
      FAILED
    ensure
      $stdout.flush
    end

    # Loading that takes too long; not for `rescue` without a class.
    class TooLong < Exception
    end
  end

  # The function's files, which there are no others of when it runs.
  module Files
    @texts = {}
    @roots = ["lib"]
    @loaded = {}
    @instead = { "net/http" => "gojinn/nethttp.rb", "socket" => "gojinn/socket.rb", "io/wait" => "gojinn/iowait.rb" }

    module_function

    def add(texts)
      @texts = texts
      libs = texts.keys.filter_map { |name| name[%r{\Avendor/(?:.*/)?lib(?=/)}] }.uniq
      @roots.concat(libs.sort_by { |lib| [lib.count("/"), lib] })
      $LOAD_PATH.concat(@roots.map { |root| "/#{root}" }) # where `autoload` looks up what is loaded
    end

    # The name of the file that `require` wants; nil for one of Ruby's own.
    def find(name)
      return known(name) if name.start_with?("/", "./", "../")
      return @instead[name] if @instead.key?(name)

      [*@roots, *added].each do |root|
        found = known("#{root}/#{name}")
        return found if found
      end
      known(name) if name.start_with?("gojinn")
    end

    # Has `require` find what Ruby or a gem calls so.
    def leave(name) = @instead.delete(name)

    # What the function has put into $LOAD_PATH.
    def added = $LOAD_PATH.filter_map { |path| path.to_s.delete_prefix("/") if path.to_s.match?(%r{\A(?!/usr/)}) } - @roots

    def known(path)
      name = File.expand_path(path, "/")[1..]
      return name if @texts.key?(name)

      "#{name}.rb" if @texts.key?("#{name}.rb")
    end

    # Runs a file once. It counts as loaded from its beginning, for constants that `autoload` has it define.
    def once(name)
      return false if @loaded[name]

      @loaded[name] = true
      $LOADED_FEATURES << "/#{name}"
      begin
        run(name)
      rescue Exception
        @loaded.delete(name)
        $LOADED_FEATURES.delete("/#{name}")
        raise
      end
      true
    end

    def run(name)
      RubyVM::InstructionSequence.compile(@texts.fetch(name), name, name).eval
      true
    end
  end

  # What an exception looks like in the log.
  module Failure
    OURS = %r{\A(?:gojinn/|<internal:|eval:1:|-e:)}
    private_constant :OURS

    module_function

    def told(error)
      text = "#{said(error)}#{trace(error)}"
      text += "\ncaused by: #{said(error.cause)}#{trace(error.cause)}" if error.cause
      text
    rescue Exception
      "an error that cannot be shown"
    end

    def said(error)
      case error
      when SyntaxError then error.message.scrub.strip
      when SystemExit then "the function called 'exit', which ends nothing here (SystemExit)"
      when SystemStackError then "stack level too deep: is there an endless recursion? (SystemStackError)"
      else "#{error.message.to_s.scrub[0, 10_000]} (#{error.class})"
      end
    end

    def trace(error)
      lines = (error.backtrace || []).reject { |line| line.match?(OURS) }
      shown = lines.size > 20 ? [*lines.first(10), "…", *lines.last(5)] : lines
      shown.map { |line| "\n  from #{line}" }.join
    end
  end

  # Takes the place of stdout and stderr: lines go to the log.
  class Output
    def initialize
      @text = +""
    end

    def write(*texts)
      texts.each { |text| @text << text.to_s.dup.force_encoding(Encoding::UTF_8) }
      lines = @text.slice!(0..@text.rindex("\n")) if @text.include?("\n")
      lines&.each_line(chomp: true) { |line| Runtime.log(1, line) }
      texts.sum { |text| text.to_s.bytesize }
    end

    def flush
      Runtime.log(1, @text.slice!(0..)) unless @text.empty?
      self
    end

    def <<(text)
      write(text)
      self
    end

    def print(*texts) = write(*texts) && nil

    def printf(format, *arguments) = write(format(format, *arguments)) && nil

    def puts(*values)
      write(values.empty? ? "\n" : values.flatten.map { |value| "#{value.to_s.chomp}\n" }.join) && nil
    end

    def sync = true
    def sync=(value); end
    def tty? = false
    def fileno = 2
    alias isatty tty?
    alias syswrite write
    alias write_nonblock write
  end

  def self.serve = Runtime.serve
end

module Kernel
  gojinn_require = instance_method(:require)
  gojinn_load = instance_method(:load)

  define_method(:require) do |name|
    path = name.respond_to?(:to_path) ? name.to_path : name
    found = Gojinn::Files.find(path) if path.is_a?(String)
    found ? Gojinn::Files.once(found) : gojinn_require.bind_call(self, name)
  end

  define_method(:require_relative) do |name|
    from = caller_locations(1, 1).first.path
    path = File.expand_path("../#{name}", "/#{from.delete_prefix("/")}")
    found = Gojinn::Files.known(path)
    found ? Gojinn::Files.once(found) : gojinn_require.bind_call(self, path)
  end

  define_method(:load) do |name, wrap = false|
    found = Gojinn::Files.known(name.to_s)
    found ? Gojinn::Files.run(found) : gojinn_load.bind_call(self, name, wrap)
  end

  def exit!(status = false) = raise(SystemExit.new(status, "exit"))
  private :require, :require_relative, :load, :exit!

  define_singleton_method(:require) { |name| TOPLEVEL_BINDING.receiver.send(:require, name) }
  define_singleton_method(:load) { |name, wrap = false| TOPLEVEL_BINDING.receiver.send(:load, name, wrap) }

  def self.exit!(status = false) = raise(SystemExit.new(status, "exit"))
end

def Process.exit!(status = false) = raise(SystemExit.new(status, "exit"))

Gojinn::Runtime.load($gojinn)
$gojinn = nil
