# frozen_string_literal: true

# Sidekiq: https://github.com/sidekiq/sidekiq/wiki/Using-Redis and bin/sidekiqload. Required by its workers; run by
# itself it is the producer: `ruby peer_sidekiq.rb fill|single`, as produce.py.

require 'digest'
require 'json'
require 'sidekiq'

CAPACITY = 10
GREETING = 0.02
KEYS = %w[agents conversations queue done oddities told].freeze
DIGESTS = %w[open close].to_h { |kind| [kind, Digest::SHA1.file(File.join(__dir__, "#{kind}.lua")).hexdigest] }.freeze
CONNECTION = {
  path: ENV.fetch('FENLIU_COMPARE_SOCKET'), db: ENV.fetch('FENLIU_COMPARE_DATABASE').to_i,
  driver: ENV.fetch('FENLIU_COMPARE_DRIVER', 'hiredis').to_sym
}.freeze

Sidekiq.configure_server { |config| config.redis = CONNECTION }
Sidekiq.configure_client { |config| config.redis = CONNECTION.merge(size: 1) }
# As its own benchmark does: a line for each job would be most of the work.
Sidekiq.logger.level = Logger::ERROR

class Perform
  include Sidekiq::Worker
  sidekiq_options retry: false

  def perform(kind, conversation, tell)
    return greet if kind == 'hello'

    Sidekiq.redis do |redis|
      redis.evalsha(DIGESTS.fetch(kind), keys: KEYS, argv: [conversation, CAPACITY, tell])
    end
  end

  private

  def greet
    sleep GREETING
    Sidekiq.redis do |redis|
      redis.sadd('greeted', Process.pid)
      redis.incr('greetings')
    end
  end
end

# What produce.py does for the others.
module Producer
  PIECE = 500
  WARM_UP = 20
  ROUNDS = 1_000
  SECONDS = 8

  def self.fill
    work = $stdin.each_line.map { |line| [*line.split, ''] }
    start = now
    work.each_slice(PIECE) { |piece| Sidekiq::Client.push_bulk('class' => Perform, 'args' => piece) }
    (now - start) / 1e9
  end

  def self.single
    client = Redis.new(CONNECTION)
    times = []
    number = 0
    finish = now + (SECONDS * 1_000_000_000)
    while number.odd? || (now < finish && times.size < ROUNDS)
      start = now
      Perform.perform_async(number.odd? ? 'close' : 'open', "idle#{100_000_000_000 + (number / 2)}", 'tell')
      raise 'a job was not done within 30 s' unless client.blpop('told', timeout: 30)

      times << (now - start) if number >= WARM_UP
      number += 1
    end
    times
  end

  def self.now
    Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  end
end

puts JSON.generate(Producer.public_send(ARGV.first)) if $PROGRAM_NAME == __FILE__
